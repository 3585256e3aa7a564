-- accepted: phrases that led to an address
SELECT phrase, count(*) AS c, count(DISTINCT user_id) AS u FROM hits WHERE title LIKE 'Page 1%' AND url NOT LIKE '%.mail.%' AND phrase <> '' GROUP BY phrase ORDER BY c DESC, phrase LIMIT 10
