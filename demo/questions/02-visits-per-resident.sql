-- en: Outpatient visits per patient and cost per visit, by age band (two tables joined on the person)
-- zh: 各年龄段人均门诊次数与次均费用（按个人关联两张表）
SELECT r.birth_year_band AS born,
       count(DISTINCT v.person_id) AS patients,
       count(*) AS visits,
       round(count(*) / count(DISTINCT v.person_id), 2) AS visits_per_patient,
       round(avg(v.cost), 2) AS cost_per_visit
FROM visits v
JOIN residents r ON r.person_id = v.person_id
GROUP BY r.birth_year_band
ORDER BY born
