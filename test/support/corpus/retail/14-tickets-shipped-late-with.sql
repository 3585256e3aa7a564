-- accepted: tickets shipped late with more than one product (semi-join on the unit, count distinct of a column)
SELECT count(DISTINCT w1.ticket) AS orders, sum(w1.shipping) AS shipping, sum(w1.profit) AS profit
FROM web_sales w1, sites t
WHERE w1.site_id = t.site_id AND t.company = 'First' AND w1.shipped_day_id > w1.day_id + 30
  AND EXISTS (SELECT * FROM web_sales w2 WHERE w1.shopper_id = w2.shopper_id AND w1.ticket = w2.ticket AND w1.product_id <> w2.product_id)
  AND NOT EXISTS (SELECT * FROM web_returns r WHERE w1.shopper_id = r.shopper_id AND w1.ticket = r.ticket)
