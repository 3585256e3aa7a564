-- accepted: discount or full price by number of sales (scalar subqueries in CASE)
SELECT CASE WHEN (SELECT count(*) FROM store_sales WHERE pieces BETWEEN 1 AND 10) > 1000 THEN (SELECT avg(price) FROM store_sales WHERE pieces BETWEEN 1 AND 10) ELSE (SELECT avg(paid) FROM store_sales WHERE pieces BETWEEN 1 AND 10) END AS few,
       CASE WHEN (SELECT count(*) FROM store_sales WHERE pieces BETWEEN 11 AND 20) > 100000 THEN (SELECT avg(price) FROM store_sales WHERE pieces BETWEEN 11 AND 20) ELSE (SELECT avg(paid) FROM store_sales WHERE pieces BETWEEN 11 AND 20) END AS many
