-- accepted: number of suppliers for kinds of parts, without those with complaints (public; NOT IN)
SELECT p.brand, p.kind, p.size, count(DISTINCT f.supplier_id) AS suppliers
FROM offers f, parts p
WHERE p.part_id = f.part_id AND p.brand <> 'Brand 45' AND p.kind NOT LIKE 'medium polished%' AND p.size IN (3, 9, 14, 19, 23, 36, 45, 49)
  AND f.supplier_id NOT IN (SELECT supplier_id FROM suppliers WHERE note LIKE '%customer%complaints%')
GROUP BY p.brand, p.kind, p.size
ORDER BY suppliers DESC, p.brand, p.kind, p.size
