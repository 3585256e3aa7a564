-- accepted: page views of a counter in a month
SELECT url, count(*) AS views FROM hits WHERE counter_id = 3 AND event_date >= '2023-07-01' AND event_date <= '2023-07-31' AND is_counted = 1 AND is_refresh = 0 AND url <> '' GROUP BY url ORDER BY views DESC, url LIMIT 10
