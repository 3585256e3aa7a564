-- accepted: shoppers with and without returns (LEFT JOIN on the unit, count of the right side)
SELECT c.schooling, count(DISTINCT c.shopper_id) AS shoppers, count(DISTINCT r.shopper_id) AS returners, sum(r.refund) AS refunds
FROM shoppers c LEFT JOIN web_returns r ON r.shopper_id = c.shopper_id
GROUP BY c.schooling
ORDER BY c.schooling
