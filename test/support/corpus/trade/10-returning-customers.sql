-- refused unit-keys: the customers who returned most, by name
SELECT c.customer_id, c.customer, sum(i.price * (1 - i.discount)) AS lost, c.balance, n.nation, c.phone, c.note
FROM customers c, orders o, items i, nations n
WHERE c.customer_id = o.customer_id AND i.order_id = o.order_id AND o.placed_on >= DATE '2021-10-01'
  AND o.placed_on < DATE '2021-10-01' + INTERVAL 3 MONTH AND i.returned = 'returned' AND c.nation_id = n.nation_id
GROUP BY c.customer_id, c.customer, c.balance, c.phone, n.nation, c.note
ORDER BY lost DESC
LIMIT 20
