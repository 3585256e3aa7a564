-- accepted: page titles of a counter in a month
SELECT title, count(*) AS views FROM hits WHERE counter_id = 3 AND event_date >= DATE '2023-07-01' AND event_date <= DATE '2023-07-31' AND is_counted = 1 AND is_refresh = 0 AND title <> '' GROUP BY title ORDER BY views DESC, title LIMIT 10
