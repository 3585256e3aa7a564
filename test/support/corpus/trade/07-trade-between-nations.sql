-- accepted: revenue between two nations in both directions, by year
SELECT supplier_nation, customer_nation, year, sum(volume) AS revenue
FROM (
  SELECT n1.nation AS supplier_nation, n2.nation AS customer_nation, extract(year FROM i.shipped_on) AS year, i.price * (1 - i.discount) AS volume
  FROM suppliers s, items i, orders o, customers c, nations n1, nations n2
  WHERE s.supplier_id = i.supplier_id AND o.order_id = i.order_id AND c.customer_id = o.customer_id
    AND s.nation_id = n1.nation_id AND c.nation_id = n2.nation_id
    AND ((n1.nation = 'France' AND n2.nation = 'China') OR (n1.nation = 'China' AND n2.nation = 'France'))
    AND i.shipped_on BETWEEN DATE '2020-01-01' AND DATE '2022-12-31'
) AS shipping
GROUP BY supplier_nation, customer_nation, year
ORDER BY supplier_nation, customer_nation, year
