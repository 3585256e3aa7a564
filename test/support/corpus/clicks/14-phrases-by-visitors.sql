-- accepted: phrases by visitors
SELECT phrase, count(DISTINCT user_id) AS u FROM hits WHERE phrase <> '' GROUP BY phrase ORDER BY u DESC, phrase LIMIT 10
