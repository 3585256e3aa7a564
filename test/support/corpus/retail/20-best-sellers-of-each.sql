-- accepted: best sellers of each category (rank in QUALIFY)
SELECT p.category, p.product, sum(s.paid) AS sales, rank() OVER (PARTITION BY p.category ORDER BY sum(s.paid) DESC) AS place
FROM store_sales s JOIN products p ON p.product_id = s.product_id
GROUP BY p.category, p.product
QUALIFY place <= 3
ORDER BY p.category, place, p.product
