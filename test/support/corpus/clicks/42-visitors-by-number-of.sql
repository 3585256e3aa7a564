-- accepted: visitors by number of hits (per-unit aggregate)
SELECT hits, count(*) AS visitors FROM (SELECT user_id, count(*) AS hits FROM hits GROUP BY user_id) GROUP BY hits ORDER BY visitors DESC, hits LIMIT 20
