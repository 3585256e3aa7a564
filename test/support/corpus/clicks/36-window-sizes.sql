-- accepted: window sizes
SELECT width, height, count(*) AS views FROM hits WHERE counter_id = 1 AND is_counted = 1 GROUP BY width, height ORDER BY views DESC, width LIMIT 10
