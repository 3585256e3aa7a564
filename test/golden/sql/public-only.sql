SELECT region, sum(area) AS area FROM districts WHERE code <> 'x' GROUP BY region ORDER BY area DESC LIMIT 1
