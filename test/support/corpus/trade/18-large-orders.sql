-- refused unit-keys: customers with very large orders, by name and order
SELECT c.customer, c.customer_id, o.order_id, o.placed_on, o.total, sum(i.quantity) AS pieces
FROM customers c, orders o, items i
WHERE o.order_id IN (SELECT order_id FROM items GROUP BY order_id HAVING sum(quantity) > 240)
  AND c.customer_id = o.customer_id AND o.order_id = i.order_id
GROUP BY c.customer, c.customer_id, o.order_id, o.placed_on, o.total
ORDER BY o.total DESC, o.placed_on
LIMIT 100
