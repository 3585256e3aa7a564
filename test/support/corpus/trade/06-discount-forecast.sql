-- accepted: revenue that a small change of discounts would have brought
SELECT sum(price * discount) AS revenue
FROM items
WHERE shipped_on >= DATE '2022-01-01' AND shipped_on < DATE '2022-01-01' + INTERVAL '1' YEAR
  AND discount BETWEEN 0.06 - 0.01 AND 0.06 + 0.01 AND quantity < 24
