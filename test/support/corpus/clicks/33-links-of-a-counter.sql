-- accepted: links of a counter beyond the first hundred (OFFSET)
SELECT url, count(*) AS views FROM hits WHERE counter_id = 1 AND is_refresh = 0 AND is_link = 1 AND is_download = 0 GROUP BY url ORDER BY views DESC, url LIMIT 10 OFFSET 20
