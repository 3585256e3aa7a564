-- accepted: hash of addresses by day
SELECT url_hash, event_date, count(*) AS views FROM hits WHERE counter_id <= 3 AND source IN (-1, 2) GROUP BY url_hash, event_date ORDER BY views DESC, url_hash, event_date LIMIT 10 OFFSET 10
