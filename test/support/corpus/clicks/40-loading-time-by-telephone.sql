-- accepted: loading time by telephone (median and quantile)
SELECT coalesce(phone, 'none') AS phone, median(load_ms) AS middle, quantile_cont(load_ms, 0.9) AS slow FROM hits GROUP BY 1 ORDER BY 1
