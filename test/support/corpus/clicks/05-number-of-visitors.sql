-- accepted: number of visitors
SELECT count(DISTINCT user_id) FROM hits
