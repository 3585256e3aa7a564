-- accepted: every combination of category and state (CUBE)
SELECT p.category, c.state, sum(w.paid) AS paid, count(DISTINCT w.shopper_id) AS shoppers
FROM web_sales w, products p, shoppers c
WHERE w.product_id = p.product_id AND w.shopper_id = c.shopper_id
GROUP BY CUBE (p.category, c.state)
ORDER BY p.category NULLS LAST, c.state NULLS LAST
