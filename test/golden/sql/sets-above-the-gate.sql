SELECT district, count(*) AS n FROM residents GROUP BY 1 EXCEPT SELECT code, area FROM districts UNION SELECT kind, count(*) FROM visits GROUP BY 1 ORDER BY 1
