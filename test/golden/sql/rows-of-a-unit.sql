SELECT kind, count(*), count(DISTINCT person_id), avg(cost) FROM visits GROUP BY kind
