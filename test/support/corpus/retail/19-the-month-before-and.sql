-- accepted: the month before and after (lag and lead)
WITH monthly AS (
  SELECT p.brand, d.year, d.month, sum(s.paid) AS sales
  FROM products p, store_sales s, days d
  WHERE s.product_id = p.product_id AND s.day_id = d.day_id AND p.category = 'Music'
  GROUP BY p.brand, d.year, d.month
)
SELECT brand, year, month, sales, lag(sales) OVER w AS before, lead(sales) OVER w AS after
FROM monthly
WINDOW w AS (PARTITION BY brand ORDER BY year, month)
ORDER BY brand, year, month LIMIT 100
