-- en: Average monthly wage by industry and sex (three tables; persons and enterprises are both protected)
-- zh: 各行业分性别平均月工资（三张表；个人与企业同时受保护）
SELECT e.industry, r.sex, count(DISTINCT m.person_id) AS employees, round(avg(m.wage)) AS average_wage
FROM employments m
JOIN enterprises e ON e.credit_code = m.credit_code
JOIN residents r ON r.person_id = m.person_id
WHERE e.industry IN ('B', 'C', 'F', 'I', 'J', 'M')
GROUP BY e.industry, r.sex
ORDER BY e.industry, r.sex
