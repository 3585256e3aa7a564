-- accepted: revenue from three combinations of brand, container and quantity (OR of ANDs)
SELECT sum(i.price * (1 - i.discount)) AS revenue
FROM items i, parts p
WHERE (p.part_id = i.part_id AND p.brand LIKE 'Brand 1%' AND p.container IN ('box small', 'can small') AND i.quantity >= 1 AND i.quantity <= 31 AND p.size BETWEEN 1 AND 25 AND i.carrier IN ('air', 'road') AND i.instruction = 'in person')
   OR (p.part_id = i.part_id AND p.brand LIKE 'Brand 2%' AND p.container IN ('pack medium', 'wrap case') AND i.quantity >= 10 AND i.quantity <= 40 AND p.size BETWEEN 1 AND 30 AND i.carrier IN ('air', 'road') AND i.instruction = 'in person')
   OR (p.part_id = i.part_id AND p.brand LIKE 'Brand 3%' AND p.container IN ('box large', 'drum jumbo') AND i.quantity >= 20 AND i.quantity <= 50 AND p.size BETWEEN 1 AND 50 AND i.carrier IN ('air', 'road') AND i.instruction = 'in person')
