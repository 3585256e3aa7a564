SELECT district, employed, count(*), GROUPING(district, employed) AS level FROM residents GROUP BY ROLLUP (district, employed) ORDER BY ALL
