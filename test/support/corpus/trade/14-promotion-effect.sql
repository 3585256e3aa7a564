-- accepted: percentage of revenue from promotional parts in a month
SELECT 100.00 * sum(CASE WHEN p.kind LIKE 'promo%' THEN i.price * (1 - i.discount) ELSE 0 END) / sum(i.price * (1 - i.discount)) AS promo_revenue
FROM items i, parts p
WHERE i.part_id = p.part_id AND i.shipped_on >= DATE '2021-09-01' AND i.shipped_on < DATE '2021-09-01' + INTERVAL '1' MONTH
