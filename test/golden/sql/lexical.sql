SELECT -birth_year, DATE '2020-01-01' + INTERVAL 1 MONTH AS d, 1.50, 1e3, 'it''s', NULL, count(*) FROM residents GROUP BY 1
