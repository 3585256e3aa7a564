-- accepted: sales of a month by brand
SELECT d.year, p.brand, sum(s.paid) AS paid
FROM days d, store_sales s, products p
WHERE d.day_id = s.day_id AND s.product_id = p.product_id AND p.manager < 20 AND d.month = 11
GROUP BY d.year, p.brand
ORDER BY d.year, paid DESC, p.brand LIMIT 100
