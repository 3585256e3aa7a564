-- refused rows: the unshipped orders of the highest value, order by order
SELECT i.order_id, sum(i.price * (1 - i.discount)) AS revenue, o.placed_on
FROM customers c, orders o, items i
WHERE c.segment = 'building' AND c.customer_id = o.customer_id AND i.order_id = o.order_id
  AND o.placed_on < DATE '2023-03-15' AND i.shipped_on > DATE '2023-03-15'
GROUP BY i.order_id, o.placed_on
ORDER BY revenue DESC, o.placed_on
LIMIT 10
