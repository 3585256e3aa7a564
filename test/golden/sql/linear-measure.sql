SELECT sum(income * 2 - savings + 10), avg(savings * 0.19), sum(-income) FROM residents
