-- en: Residents, their average and median income, by district and age band
-- zh: 各区市、各年龄段的居民人数、平均收入与收入中位数
SELECT district, birth_year_band AS born, count(*) AS residents, round(avg(income)) AS average_income, round(median(income)) AS median_income
FROM residents
WHERE education IN ('本科', '研究生')
GROUP BY district, birth_year_band
ORDER BY district, born
