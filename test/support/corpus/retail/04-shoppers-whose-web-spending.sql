-- refused unit-keys: shoppers whose web spending grew faster than in stores (CTE used four times)
WITH year_total AS (
  SELECT c.shopper_id, d.year, sum(s.paid) AS total, 'store' AS channel FROM shoppers c, store_sales s, days d WHERE c.shopper_id = s.shopper_id AND s.day_id = d.day_id GROUP BY c.shopper_id, d.year
  UNION ALL
  SELECT c.shopper_id, d.year, sum(w.paid), 'web' FROM shoppers c, web_sales w, days d WHERE c.shopper_id = w.shopper_id AND w.day_id = d.day_id GROUP BY c.shopper_id, d.year
)
SELECT a.shopper_id
FROM year_total a, year_total b, year_total c, year_total d
WHERE a.shopper_id = b.shopper_id AND a.shopper_id = c.shopper_id AND a.shopper_id = d.shopper_id
  AND a.channel = 'store' AND b.channel = 'store' AND c.channel = 'web' AND d.channel = 'web'
  AND a.year = 2021 AND b.year = 2022 AND c.year = 2021 AND d.year = 2022 AND a.total > 0 AND c.total > 0 AND d.total / c.total > b.total / a.total
ORDER BY a.shopper_id LIMIT 100
