-- accepted: rich customers without orders by dialling code (scalar subquery, NOT EXISTS, substring)
SELECT code, count(*) AS customers, sum(balance) AS balance
FROM (
  SELECT substring(phone FROM 1 FOR 2) AS code, balance
  FROM customers c
  WHERE substring(phone FROM 1 FOR 2) IN ('13', '17', '18', '20', '11')
    AND balance > (SELECT avg(balance) FROM customers WHERE balance > 0.00 AND substring(phone FROM 1 FOR 2) IN ('13', '17', '18', '20', '11'))
    AND NOT EXISTS (SELECT * FROM orders o WHERE o.customer_id = c.customer_id)
) AS sleeping
GROUP BY code
ORDER BY code
