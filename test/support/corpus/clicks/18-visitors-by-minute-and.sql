-- refused unit-keys: visitors by minute and phrase
SELECT user_id, extract(minute FROM event_at) AS m, phrase, count(*) FROM hits GROUP BY user_id, m, phrase ORDER BY count(*) DESC LIMIT 10
