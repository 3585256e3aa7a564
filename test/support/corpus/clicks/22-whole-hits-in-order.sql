-- refused rows: whole hits in order of time
SELECT * FROM hits WHERE url LIKE '%news%' ORDER BY event_at LIMIT 10
