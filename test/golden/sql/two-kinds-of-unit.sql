SELECT e.industry, sum(j.wage), count(DISTINCT j.person_id), count(DISTINCT j.code) FROM jobs j JOIN enterprises e ON e.code = j.code GROUP BY 1
