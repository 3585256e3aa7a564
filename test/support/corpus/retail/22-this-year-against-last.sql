-- accepted: this year against last year by class (self-join of a CTE)
WITH yearly AS (
  SELECT d.year, p.class, sum(s.pieces) AS pieces, sum(s.paid) AS paid
  FROM store_sales s, products p, days d
  WHERE s.product_id = p.product_id AND s.day_id = d.day_id
  GROUP BY d.year, p.class
)
SELECT now.class, now.pieces - past.pieces AS more_pieces, round(now.paid / past.paid, 3) AS ratio
FROM yearly now JOIN yearly past ON now.class = past.class AND now.year = past.year + 1
WHERE now.year = 2022
ORDER BY ratio DESC, now.class
