-- accepted: products that sell nowhere (EXCEPT of a public table and a released one)
SELECT product_id FROM products
EXCEPT
SELECT product_id FROM (SELECT product_id, count(*) AS n FROM web_sales GROUP BY product_id HAVING count(*) >= 40)
ORDER BY product_id LIMIT 50
