SELECT stddev(income), corr(income, savings), regr_slope(score, income) FROM residents
