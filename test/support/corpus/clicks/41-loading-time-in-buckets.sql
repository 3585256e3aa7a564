-- accepted: loading time in buckets (integer division in a key)
SELECT load_ms // 250 AS bucket, count(*) AS hits FROM hits WHERE load_ms < 3000 GROUP BY bucket ORDER BY bucket
