-- accepted: hits whose address contains a word
SELECT count(*) FROM hits WHERE url LIKE '%news%'
