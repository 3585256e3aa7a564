-- accepted: volume, revenue and averages of shipped items by return flag and state
SELECT returned, state, sum(quantity) AS pieces, sum(price) AS gross, sum(price * (1 - discount)) AS net,
       sum(price * (1 - discount) * (1 + tax)) AS charged, avg(quantity) AS mean_pieces, avg(price) AS mean_price,
       avg(discount) AS mean_discount, count(*) AS items
FROM items
WHERE shipped_on <= DATE '2023-09-02'
GROUP BY returned, state
ORDER BY returned, state
