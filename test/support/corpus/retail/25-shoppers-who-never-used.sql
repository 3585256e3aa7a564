-- accepted: shoppers who never used the web shop (anti-join), by age band
SELECT (birth_year // 10) * 10 AS decade, count(*) AS shoppers
FROM shoppers
WHERE shopper_id NOT IN (SELECT shopper_id FROM web_sales) AND birth_year IS NOT NULL
GROUP BY decade
ORDER BY decade
