SELECT district, count(DISTINCT birth_year), min(income), median(income), bool_or(employed) FROM residents GROUP BY district
