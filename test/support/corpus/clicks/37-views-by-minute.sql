-- accepted: views by minute (date_trunc in a key)
SELECT date_trunc('minute', event_at) AS minute, count(*) AS views FROM hits WHERE counter_id = 1 AND event_date BETWEEN '2023-07-14' AND '2023-07-15' GROUP BY date_trunc('minute', event_at) ORDER BY minute LIMIT 10 OFFSET 100
