-- accepted: states of shoppers who buy dear products (correlated average over a public table)
SELECT c.state, count(*) AS purchases
FROM shoppers c, store_sales s, days d, products p
WHERE c.shopper_id = s.shopper_id AND s.day_id = d.day_id AND s.product_id = p.product_id AND d.year = 2022
  AND p.list_price > 1.2 * (SELECT avg(q.list_price) FROM products q WHERE q.category = p.category)
GROUP BY c.state
HAVING count(*) >= 10
ORDER BY purchases, c.state
