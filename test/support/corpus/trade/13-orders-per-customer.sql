-- accepted: how many customers have how many orders (per-unit aggregate, then a distribution)
SELECT orders, count(*) AS customers
FROM (
  SELECT c.customer_id, count(o.order_id) AS orders
  FROM customers c LEFT OUTER JOIN orders o ON c.customer_id = o.customer_id AND o.note NOT LIKE '%special%requests%'
  GROUP BY c.customer_id
) AS per_customer
GROUP BY orders
ORDER BY customers DESC, orders DESC
