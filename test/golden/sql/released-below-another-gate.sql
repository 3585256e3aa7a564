SELECT district, count(*) FROM residents WHERE income > (SELECT avg(income) FROM residents) GROUP BY district
