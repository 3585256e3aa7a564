SELECT what, count(*), count(DISTINCT person_id) FROM (SELECT person_id, kind AS what FROM visits UNION ALL SELECT person_id, district FROM residents) GROUP BY what
