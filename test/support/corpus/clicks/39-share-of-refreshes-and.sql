-- accepted: share of refreshes and downloads by system (FILTER and ratio)
SELECT system, count(*) FILTER (WHERE is_refresh = 1) / count(*) AS refreshed, count(*) FILTER (WHERE is_download = 1) AS downloads FROM hits GROUP BY system ORDER BY system
