SELECT 'x' AS a, 1 + 2 AS b, count(*) FROM residents GROUP BY 1
