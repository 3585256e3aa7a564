-- accepted: shoppers by how often they came (per-unit aggregate, buckets)
SELECT CASE WHEN trips < 3 THEN 'rare' WHEN trips < 10 THEN 'regular' ELSE 'frequent' END AS habit, count(*) AS shoppers, avg(spent) AS mean_spent
FROM (SELECT shopper_id, count(DISTINCT ticket) AS trips, sum(paid) AS spent FROM store_sales GROUP BY shopper_id) AS per_shopper
GROUP BY habit
ORDER BY habit
