SELECT sum(income / 10000), avg(savings / 3), sum((income + 5) / -0.25), sum(income / savings) FROM residents
