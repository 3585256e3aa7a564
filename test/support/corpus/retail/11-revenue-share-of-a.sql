-- accepted: revenue share of a class within its category (window over sums)
SELECT p.category, p.class, sum(w.paid) AS revenue, sum(w.paid) * 100 / sum(sum(w.paid)) OVER (PARTITION BY p.category) AS share
FROM web_sales w, products p, days d
WHERE w.product_id = p.product_id AND p.category IN ('Books', 'Home', 'Sports') AND w.day_id = d.day_id AND d.day BETWEEN DATE '2022-02-22' AND DATE '2022-08-22'
GROUP BY p.category, p.class
ORDER BY p.category, share DESC
