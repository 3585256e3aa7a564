-- accepted: subtotals by state and store with grouping marks (GROUPING SETS)
SELECT t.state, t.store, grouping(t.state) + grouping(t.store) AS level, sum(s.profit) AS profit, count(*) AS purchases
FROM store_sales s, stores t, days d
WHERE s.store_id = t.store_id AND s.day_id = d.day_id AND d.year = 2021
GROUP BY GROUPING SETS ((t.state, t.store), (t.state), ())
ORDER BY level DESC, t.state, t.store
