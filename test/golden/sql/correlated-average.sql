SELECT count(*) FROM residents r WHERE income > (SELECT avg(b.income) FROM residents b WHERE b.district = r.district)
