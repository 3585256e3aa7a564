-- accepted: months against the mean of their year (window average, deviation)
SELECT * FROM (
  SELECT p.category, d.year, d.month, sum(s.paid) AS sales, avg(sum(s.paid)) OVER (PARTITION BY p.category, d.year) AS mean
  FROM products p, store_sales s, days d
  WHERE s.product_id = p.product_id AND s.day_id = d.day_id
  GROUP BY p.category, d.year, d.month
) AS monthly
WHERE mean > 0 AND abs(sales - mean) / mean > 0.1
ORDER BY sales - mean, category, year, month LIMIT 100
