-- accepted: middle of what is paid, by state of the store (median, quantiles)
SELECT t.state, median(s.paid) AS middle, quantile_cont(s.paid, 0.25) AS low, quantile_cont(s.paid, 0.75) AS high
FROM store_sales s, stores t
WHERE s.store_id = t.store_id
GROUP BY t.state
ORDER BY t.state
