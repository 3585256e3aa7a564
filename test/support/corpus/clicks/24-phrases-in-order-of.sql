-- refused rows: phrases in order of the alphabet
SELECT phrase FROM hits WHERE phrase <> '' ORDER BY phrase LIMIT 10
