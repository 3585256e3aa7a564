SELECT birth_year // 10 * 10 AS decade, sum(income * savings), count(*) FROM residents WHERE income + 1 > savings * 2 AND sqrt(score) > 1 AND CAST(score AS INTEGER) < 90 GROUP BY decade
