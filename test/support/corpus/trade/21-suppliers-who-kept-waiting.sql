-- accepted: late items of orders where only this supplier was late (EXISTS and NOT EXISTS, self-joins)
SELECT s.supplier, count(*) AS waits
FROM suppliers s, items i1, orders o, nations n
WHERE s.supplier_id = i1.supplier_id AND o.order_id = i1.order_id AND o.status = 'filled' AND i1.received_on > i1.promised_on
  AND EXISTS (SELECT * FROM items i2 WHERE i2.order_id = i1.order_id AND i2.supplier_id <> i1.supplier_id)
  AND NOT EXISTS (SELECT * FROM items i3 WHERE i3.order_id = i1.order_id AND i3.supplier_id <> i1.supplier_id AND i3.received_on > i3.promised_on)
  AND s.nation_id = n.nation_id AND n.nation = 'Japan'
GROUP BY s.supplier
ORDER BY waits DESC, s.supplier
LIMIT 100
