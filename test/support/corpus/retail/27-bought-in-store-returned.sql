-- accepted: bought in store, returned, and bought again on the web (three fact tables joined on the unit)
SELECT p.category, count(DISTINCT s.shopper_id) AS shoppers, sum(r.refund) AS refunds
FROM store_sales s, store_returns r, web_sales w, products p
WHERE s.shopper_id = r.shopper_id AND s.product_id = r.product_id AND s.ticket = r.ticket AND r.shopper_id = w.shopper_id AND r.product_id = w.product_id AND s.product_id = p.product_id
GROUP BY p.category
ORDER BY p.category
