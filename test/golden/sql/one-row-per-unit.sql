SELECT district, count(*) AS n, count(income), sum(income), avg(score) FROM residents WHERE employed GROUP BY district ORDER BY n DESC
