-- refused rows: single returned purchases with their prices
SELECT s.ticket, s.price, r.refund
FROM store_sales s JOIN store_returns r ON s.ticket = r.ticket AND s.product_id = r.product_id AND s.shopper_id = r.shopper_id
ORDER BY r.refund DESC LIMIT 100
