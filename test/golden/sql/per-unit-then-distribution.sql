SELECT n, count(*) AS persons FROM (SELECT person_id, count(*) AS n FROM visits GROUP BY person_id) GROUP BY n ORDER BY n
