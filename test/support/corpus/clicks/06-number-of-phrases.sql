-- accepted: number of phrases (count distinct of a column)
SELECT count(DISTINCT phrase) FROM hits
