-- accepted: weekly rhythm of both channels (UNION ALL, CASE pivot)
WITH sales AS (
  SELECT day_id, paid FROM store_sales
  UNION ALL
  SELECT day_id, paid FROM web_sales
)
SELECT d.year, d.quarter,
       sum(CASE WHEN d.day_name = 'Sunday' THEN paid END) AS sunday, sum(CASE WHEN d.day_name = 'Wednesday' THEN paid END) AS wednesday,
       sum(CASE WHEN d.day_name = 'Saturday' THEN paid END) AS saturday
FROM sales JOIN days d ON d.day_id = sales.day_id
GROUP BY d.year, d.quarter
ORDER BY d.year, d.quarter
