-- accepted: who buys in stores and also on the web (EXISTS), by sex, marital status and schooling
SELECT c.sex, c.marital, c.schooling, count(*) AS shoppers, avg(c.dependants) AS dependants
FROM shoppers c
WHERE EXISTS (SELECT * FROM store_sales s, days d WHERE c.shopper_id = s.shopper_id AND s.day_id = d.day_id AND d.year = 2022)
  AND EXISTS (SELECT * FROM web_sales w, days d WHERE c.shopper_id = w.shopper_id AND w.day_id = d.day_id AND d.year = 2022)
GROUP BY c.sex, c.marital, c.schooling
ORDER BY c.sex, c.marital, c.schooling LIMIT 100
