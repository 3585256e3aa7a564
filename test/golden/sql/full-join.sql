SELECT count(*), count(DISTINCT person_id) FROM visits FULL JOIN jobs USING (person_id) WHERE wage IS NULL OR wage > 1200
