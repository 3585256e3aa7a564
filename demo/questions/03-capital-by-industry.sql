-- en: Enterprises, capital in 100 million yuan and employees, by industry (joined with a public table)
-- zh: 各行业企业数、注册资本（亿元）与从业人数（关联公开表）
SELECT i.industry_name AS industry,
       count(*) AS enterprises,
       round(sum(e.capital) / 100000000, 2) AS capital_100m_yuan,
       sum(e.employees) AS employees
FROM enterprises e
JOIN industries i ON i.industry = e.industry
GROUP BY i.industry_name
ORDER BY enterprises DESC
