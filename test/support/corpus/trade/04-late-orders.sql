-- accepted: orders of a quarter with an item that came late, by priority (EXISTS)
SELECT priority, count(*) AS orders
FROM orders o
WHERE placed_on >= DATE '2022-07-01' AND placed_on < DATE '2022-07-01' + INTERVAL 3 MONTH
  AND EXISTS (SELECT * FROM items i WHERE i.order_id = o.order_id AND i.promised_on < i.received_on)
GROUP BY priority
ORDER BY priority
