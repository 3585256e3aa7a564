-- refused rows: phrases in order of time
SELECT phrase FROM hits WHERE phrase <> '' ORDER BY event_at LIMIT 10
