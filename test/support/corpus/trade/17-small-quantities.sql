-- accepted: yearly revenue lost without small orders of a part (correlated average)
SELECT sum(i.price) / 5.0 AS yearly
FROM items i, parts p
WHERE p.part_id = i.part_id AND p.brand IN ('Brand 23', 'Brand 12', 'Brand 55', 'Brand 31')
  AND i.quantity < (SELECT 0.4 * avg(quantity) FROM items WHERE part_id = p.part_id)
