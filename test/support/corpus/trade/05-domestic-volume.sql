-- accepted: revenue where customer and supplier live in the same nation of a region
SELECT n.nation, sum(i.price * (1 - i.discount)) AS revenue
FROM customers c, orders o, items i, suppliers s, nations n, regions r
WHERE c.customer_id = o.customer_id AND i.order_id = o.order_id AND i.supplier_id = s.supplier_id
  AND c.nation_id = s.nation_id AND s.nation_id = n.nation_id AND n.region_id = r.region_id AND r.region = 'Asia'
  AND o.placed_on >= DATE '2021-01-01' AND o.placed_on < DATE '2023-01-01'
GROUP BY n.nation
ORDER BY revenue DESC
