-- accepted: prices under three conditions on people and prices (OR of ANDs)
SELECT avg(s.pieces) AS pieces, avg(s.price) AS price, sum(s.paid) AS paid
FROM store_sales s, shoppers c, stores t
WHERE s.shopper_id = c.shopper_id AND s.store_id = t.store_id
  AND ((c.marital = 'M' AND c.schooling = 'college' AND s.price BETWEEN 20 AND 150) OR (c.marital = 'S' AND c.schooling = 'secondary' AND s.price BETWEEN 10 AND 100) OR (c.marital = 'W' AND s.price BETWEEN 5 AND 200))
  AND t.state IN ('AL', 'CO', 'GA')
