-- accepted: number of hits
SELECT count(*) FROM hits
