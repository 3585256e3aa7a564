-- accepted: total, count and mean
SELECT sum(advert), count(*), avg(width) FROM hits
