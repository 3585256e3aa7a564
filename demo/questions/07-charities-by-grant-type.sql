-- en: Charities: income from grants by kind and year (where a few charities dominate a total, it is withheld)
-- zh: 慈善机构：按资助类型与年度的资助收入（部分合计被少数机构支配，不予公开）
SELECT grant_type, year, count(DISTINCT charity) AS charities, sum(inc_grants) AS income_from_grants
FROM charities.accounts
WHERE year IN (2013, 2014, 2015)
GROUP BY grant_type, year
ORDER BY grant_type, year
