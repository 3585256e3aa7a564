-- accepted: promotions against all sales (FILTER, ratio of sums)
SELECT p.category, sum(s.paid) FILTER (WHERE s.promotion_id IS NOT NULL) / sum(s.paid) AS promoted, count_if(s.coupon > 0) AS with_coupon, bool_or(s.coupon > 15) AS any_large
FROM store_sales s, products p
WHERE s.product_id = p.product_id
GROUP BY p.category
ORDER BY p.category
