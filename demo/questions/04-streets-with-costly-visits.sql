-- en: The ten streets whose residents pay most for themselves, among streets with 800 patients or more (HAVING, ORDER BY, LIMIT)
-- zh: 就诊患者不少于 800 人的街道中，次均个人自付最高的十个街道（HAVING、ORDER BY、LIMIT）
SELECT r.street, count(DISTINCT v.person_id) AS patients, round(avg(v.self_paid), 2) AS self_paid_per_visit
FROM visits v
JOIN residents r ON r.person_id = v.person_id
GROUP BY r.street
HAVING count(DISTINCT v.person_id) >= 800
ORDER BY self_paid_per_visit DESC
LIMIT 10
