-- accepted: hits by advert, most first
SELECT advert, count(*) FROM hits WHERE advert <> 0 GROUP BY advert ORDER BY count(*) DESC
