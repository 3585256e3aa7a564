-- refused unit-keys: most active visitors and their phrases
SELECT user_id, phrase, count(*) FROM hits GROUP BY user_id, phrase ORDER BY count(*) DESC LIMIT 10
