-- accepted: running sales of both channels by day (FULL OUTER JOIN of grouped results, window)
WITH store AS (SELECT d.day, sum(paid) AS paid FROM store_sales s, days d WHERE s.day_id = d.day_id AND d.year = 2022 AND d.month = 5 GROUP BY d.day),
     web AS (SELECT d.day, sum(paid) AS paid FROM web_sales w, days d WHERE w.day_id = d.day_id AND d.year = 2022 AND d.month = 5 GROUP BY d.day)
SELECT coalesce(store.day, web.day) AS day, sum(coalesce(store.paid, 0)) OVER (ORDER BY coalesce(store.day, web.day)) AS store_so_far,
       sum(coalesce(web.paid, 0)) OVER (ORDER BY coalesce(store.day, web.day)) AS web_so_far
FROM store FULL OUTER JOIN web ON store.day = web.day
ORDER BY day
