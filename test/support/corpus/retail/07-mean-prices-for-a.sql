-- accepted: mean prices for a group of people and promotions (five tables)
SELECT p.category, avg(s.pieces) AS pieces, avg(s.list_price) AS list_price, avg(s.coupon) AS coupon, avg(s.price) AS price
FROM store_sales s, shoppers c, days d, products p, promotions m
WHERE s.day_id = d.day_id AND s.product_id = p.product_id AND s.shopper_id = c.shopper_id AND s.promotion_id = m.promotion_id
  AND c.sex = 'F' AND c.marital = 'M' AND c.schooling = 'college' AND (m.by_mail = false OR m.by_event = false) AND d.year = 2021
GROUP BY p.category
ORDER BY p.category LIMIT 100
