-- accepted: sales, returns and profit by channel with subtotals (ROLLUP over aggregated subqueries)
WITH store AS (SELECT store_id AS id, sum(paid) AS sales, sum(profit) AS profit FROM store_sales GROUP BY store_id),
     web AS (SELECT site_id AS id, sum(paid) AS sales, sum(profit) AS profit FROM web_sales GROUP BY site_id)
SELECT channel, id, sum(sales) AS sales, sum(profit) AS profit
FROM (SELECT 'store' AS channel, id, sales, profit FROM store UNION ALL SELECT 'web', id, sales, profit FROM web) AS both_channels
GROUP BY ROLLUP (channel, id)
ORDER BY channel NULLS LAST, id NULLS LAST, sales
