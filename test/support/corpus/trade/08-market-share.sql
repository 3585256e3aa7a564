-- accepted: share of a nation in the sales of a kind of part (CASE in an aggregate, ratio)
SELECT year, sum(CASE WHEN nation = 'Brazil' THEN volume ELSE 0 END) / sum(volume) AS share
FROM (
  SELECT extract(year FROM o.placed_on) AS year, i.price * (1 - i.discount) AS volume, n2.nation
  FROM parts p, suppliers s, items i, orders o, customers c, nations n1, nations n2, regions r
  WHERE p.part_id = i.part_id AND s.supplier_id = i.supplier_id AND i.order_id = o.order_id AND o.customer_id = c.customer_id
    AND c.nation_id = n1.nation_id AND n1.region_id = r.region_id AND r.region = 'America' AND s.nation_id = n2.nation_id
    AND o.placed_on BETWEEN DATE '2020-01-01' AND DATE '2022-12-31' AND p.kind LIKE 'economy%'
) AS sales
GROUP BY year
ORDER BY year
