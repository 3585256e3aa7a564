-- accepted: the supplier with the largest revenue in a quarter (CTE used twice)
WITH revenue AS (
  SELECT supplier_id, sum(price * (1 - discount)) AS total
  FROM items
  WHERE shipped_on >= DATE '2022-01-01' AND shipped_on < DATE '2022-01-01' + INTERVAL '3' MONTH
  GROUP BY supplier_id
)
SELECT s.supplier_id, s.supplier, s.phone, total
FROM suppliers s, revenue
WHERE s.supplier_id = revenue.supplier_id AND total = (SELECT max(total) FROM revenue)
ORDER BY s.supplier_id
