-- accepted: sources of views (CASE in a key)
SELECT source, engine, advert, CASE WHEN engine = 0 AND advert = 0 THEN referrer ELSE '' END AS src, url AS dst, count(*) AS views FROM hits WHERE counter_id = 1 AND is_refresh = 0 GROUP BY source, engine, advert, src, dst ORDER BY views DESC, source, engine, advert, src, dst LIMIT 10 OFFSET 10
