SELECT r.district, count(*), count(v.visit_id), sum(v.cost) FROM residents r LEFT JOIN visits v ON v.person_id = r.person_id AND v.kind = 'pool' GROUP BY 1
