-- refused unit-keys: shoppers who return more than others of their store (correlated average)
WITH refunds AS (SELECT shopper_id, store_id, sum(refund) AS total FROM store_returns GROUP BY shopper_id, store_id)
SELECT s.name
FROM refunds r1, shoppers s
WHERE r1.total > (SELECT avg(total) * 1.2 FROM refunds r2 WHERE r1.store_id = r2.store_id) AND s.shopper_id = r1.shopper_id
ORDER BY s.name LIMIT 100
