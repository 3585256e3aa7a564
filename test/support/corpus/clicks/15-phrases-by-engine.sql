-- accepted: phrases by engine
SELECT engine, phrase, count(*) AS c FROM hits WHERE phrase <> '' GROUP BY engine, phrase ORDER BY c DESC, engine, phrase LIMIT 10
