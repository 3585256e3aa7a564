-- gate 0: person; 0 = rows
SELECT CAST('x' AS VARCHAR) AS "c0", count(*) AS "c1" FROM "city.residents"."rows" AS "t0" GROUP BY CAST('x' AS VARCHAR);
-- rest
SELECT 'x' AS "c0", (1 + 2) AS "c1", "t0"."v0" AS "c2", "t0"."__withheld_v0" AS "c3" FROM "gate_0" AS "t0";
