WITH q AS (SELECT district, count(*) AS n FROM residents GROUP BY 1) SELECT a.district, a.n, b.n AS other FROM q a LEFT JOIN q b ON a.n < b.n ORDER BY 1, 2, 3
