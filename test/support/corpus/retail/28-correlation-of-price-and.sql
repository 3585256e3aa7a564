-- accepted: correlation of price and pieces, and their regression
SELECT p.category, corr(s.price, s.pieces) AS r, regr_slope(s.pieces, s.price) AS slope, covar_pop(s.price, s.pieces) AS cov
FROM store_sales s JOIN products p USING (product_id)
GROUP BY ALL
ORDER BY ALL
