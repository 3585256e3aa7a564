-- accepted: late items by carrier and whether the order was urgent (two CASE sums)
SELECT i.carrier, sum(CASE WHEN o.priority = '1-urgent' OR o.priority = '2-high' THEN 1 ELSE 0 END) AS urgent,
       sum(CASE WHEN o.priority <> '1-urgent' AND o.priority <> '2-high' THEN 1 ELSE 0 END) AS other
FROM orders o, items i
WHERE o.order_id = i.order_id AND i.carrier IN ('mail', 'ship') AND i.promised_on < i.received_on AND i.shipped_on < i.promised_on
  AND i.received_on >= DATE '2021-01-01' AND i.received_on < DATE '2021-01-01' + INTERVAL 1 YEAR
GROUP BY i.carrier
ORDER BY i.carrier
