-- accepted: parts whose stock is a notable share of a nation's stock (public; scalar subquery in HAVING)
SELECT f.part_id, sum(f.cost * f.available) AS value
FROM offers f, suppliers s, nations n
WHERE f.supplier_id = s.supplier_id AND s.nation_id = n.nation_id AND n.nation = 'Poland'
GROUP BY f.part_id
HAVING sum(f.cost * f.available) > (SELECT sum(f.cost * f.available) * 0.005 FROM offers f, suppliers s, nations n
                                    WHERE f.supplier_id = s.supplier_id AND s.nation_id = n.nation_id AND n.nation = 'Poland')
ORDER BY value DESC, f.part_id
