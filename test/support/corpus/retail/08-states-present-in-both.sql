-- accepted: states present in both channels (INTERSECT of grouped results)
SELECT state FROM (SELECT c.state, count(DISTINCT c.shopper_id) AS n FROM shoppers c, store_sales s WHERE c.shopper_id = s.shopper_id GROUP BY c.state HAVING count(DISTINCT c.shopper_id) > 20)
INTERSECT
SELECT state FROM (SELECT c.state, count(DISTINCT c.shopper_id) AS n FROM shoppers c, web_sales w WHERE c.shopper_id = w.shopper_id GROUP BY c.state HAVING count(DISTINCT c.shopper_id) > 20)
ORDER BY state
