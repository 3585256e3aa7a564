-- en: A question with small groups: uninsured residents with a postgraduate degree, by district and sex
-- zh: 含小样本组的问题：各区市、分性别的未参保研究生学历居民
SELECT district, sex, count(*) AS residents, round(avg(income)) AS average_income
FROM residents
WHERE insurance = '未参保' AND education = '研究生'
GROUP BY district, sex
ORDER BY district, sex
