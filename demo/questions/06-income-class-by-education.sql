-- en: Adult: share of persons with an income above 50,000 dollars, by education (arithmetic on released counts)
-- zh: Adult：按受教育程度划分的年收入 5 万美元以上者占比（对已发布计数做算术）
WITH counts AS (
  SELECT education_group, salary_class, count(*) AS persons
  FROM adult.persons
  GROUP BY education_group, salary_class
)
SELECT rich.education_group AS education, rich.persons + poor.persons AS persons,
       round(100.0 * rich.persons / (rich.persons + poor.persons), 1) AS percent_above_50k
FROM counts rich
JOIN counts poor ON poor.education_group = rich.education_group
WHERE rich.salary_class = '>50K' AND poor.salary_class = '<=50K'
ORDER BY percent_above_50k DESC
