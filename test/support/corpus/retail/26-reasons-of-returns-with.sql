-- accepted: reasons of returns with a share of the total (scalar subquery of the same table)
SELECT reason, count(*) AS returns, round(100.0 * count(*) / (SELECT count(*) FROM web_returns), 2) AS percent
FROM web_returns
GROUP BY reason
ORDER BY returns DESC, reason
