-- accepted: the cheapest suppliers of steel parts in a region (public tables only)
SELECT s.balance, s.supplier, n.nation, p.part_id, p.maker
FROM parts p, suppliers s, offers o, nations n, regions r
WHERE p.part_id = o.part_id AND s.supplier_id = o.supplier_id AND p.size BETWEEN 10 AND 40 AND p.kind LIKE '%steel'
  AND s.nation_id = n.nation_id AND n.region_id = r.region_id AND r.region = 'Europe'
  AND o.cost = (SELECT min(o2.cost)
                FROM offers o2, suppliers s2, nations n2, regions r2
                WHERE o2.part_id = p.part_id AND s2.supplier_id = o2.supplier_id AND s2.nation_id = n2.nation_id
                  AND n2.region_id = r2.region_id AND r2.region = 'Europe')
ORDER BY s.balance DESC, n.nation, s.supplier, p.part_id
LIMIT 100
