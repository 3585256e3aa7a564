-- accepted: telephone models by visitors
SELECT phone, model, count(DISTINCT user_id) AS u FROM hits WHERE model <> '' GROUP BY phone, model ORDER BY u DESC, model LIMIT 10
