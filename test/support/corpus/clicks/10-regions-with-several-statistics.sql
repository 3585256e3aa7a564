-- accepted: regions with several statistics
SELECT region_id, sum(advert), count(*) AS c, avg(width), count(DISTINCT user_id) FROM hits GROUP BY region_id ORDER BY c DESC, region_id LIMIT 10
