-- accepted: profit on parts of a colour by supplier nation and year
SELECT nation, year, sum(amount) AS profit
FROM (
  SELECT n.nation, extract(year FROM o.placed_on) AS year, i.price * (1 - i.discount) - f.cost * i.quantity AS amount
  FROM parts p, suppliers s, items i, offers f, orders o, nations n
  WHERE s.supplier_id = i.supplier_id AND f.supplier_id = i.supplier_id AND f.part_id = i.part_id AND p.part_id = i.part_id
    AND o.order_id = i.order_id AND s.nation_id = n.nation_id AND p.part LIKE '%olive%'
) AS profit
GROUP BY nation, year
ORDER BY nation, year DESC
