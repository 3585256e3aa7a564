WITH q AS (SELECT district, CASE WHEN employed THEN income ELSE 0 END AS earned FROM residents WHERE birth_year >= 1940) SELECT district, sum(earned), count(*) FROM q GROUP BY district
