-- accepted: running total of visitors by day (window above the gate)
SELECT event_date, visitors, sum(visitors) OVER (ORDER BY event_date) AS running FROM (SELECT event_date, count(DISTINCT user_id) AS visitors FROM hits GROUP BY event_date) ORDER BY event_date
