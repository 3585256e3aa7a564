-- accepted: spread of pieces sold and returned (stddev, coefficient of variation)
SELECT p.category, count(s.pieces) AS sold, avg(s.pieces) AS mean, stddev_samp(s.pieces) AS spread, stddev_samp(s.pieces) / avg(s.pieces) AS variation
FROM store_sales s, products p, days d
WHERE s.product_id = p.product_id AND s.day_id = d.day_id AND d.year = 2022 AND d.quarter IN (1, 2, 3)
GROUP BY p.category
ORDER BY p.category
