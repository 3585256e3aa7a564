-- accepted: hits by hour of the day (extract in a key)
SELECT extract(hour FROM event_at) AS hour, count(*) AS views, count(DISTINCT user_id) AS visitors FROM hits GROUP BY hour ORDER BY hour
