-- accepted: suppliers with more of a colour in stock than half a year's sales (nested IN, correlated sum)
SELECT s.supplier, s.phone
FROM suppliers s, nations n
WHERE s.supplier_id IN (
    SELECT f.supplier_id FROM offers f
    WHERE f.part_id IN (SELECT part_id FROM parts WHERE part LIKE 'plum%')
      AND f.available > (SELECT 0.5 * sum(i.quantity) FROM items i
                         WHERE i.part_id = f.part_id AND i.supplier_id = f.supplier_id
                           AND i.shipped_on >= DATE '2020-01-01' AND i.shipped_on < DATE '2020-01-01' + INTERVAL '3' YEAR))
  AND s.nation_id = n.nation_id AND n.nation IN ('Canada', 'Peru', 'India', 'Kenya')
ORDER BY s.supplier
