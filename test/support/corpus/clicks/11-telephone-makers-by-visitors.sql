-- accepted: telephone makers by visitors
SELECT phone, count(DISTINCT user_id) AS u FROM hits WHERE phone IS NOT NULL GROUP BY phone ORDER BY u DESC, phone LIMIT 10
