-- accepted: sold in the morning of the week or its end, by number of dependants (VALUES as a table)
SELECT v.part, c.dependants, count(*) AS purchases
FROM store_sales s, shoppers c, days d, (VALUES (1, 'early'), (2, 'early'), (3, 'early'), (5, 'late'), (6, 'late')) AS v(weekday, part)
WHERE s.shopper_id = c.shopper_id AND s.day_id = d.day_id AND d.weekday = v.weekday AND c.dependants IS NOT NULL
GROUP BY v.part, c.dependants
ORDER BY v.part, c.dependants
