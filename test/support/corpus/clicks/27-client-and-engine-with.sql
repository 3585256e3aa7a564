-- accepted: client and engine with several statistics
SELECT engine, client_ip, count(*) AS c, sum(is_refresh), avg(width) FROM hits WHERE phrase <> '' GROUP BY engine, client_ip ORDER BY c DESC, engine, client_ip LIMIT 10
