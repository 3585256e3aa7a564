-- gate 0: person; 0 = rows
SELECT count(*) AS "c0" FROM "city.residents"."rows" AS "t0";
-- gate 1: person; 0 = rows
SELECT "t0"."district" AS "c0", count(*) AS "c1" FROM "city.residents"."rows" AS "t0" GROUP BY "t0"."district";
-- gate 2: person; 0 = rows
SELECT "t0"."district" AS "c0", "t0"."employed" AS "c1", count(*) AS "c2" FROM "city.residents"."rows" AS "t0" GROUP BY "t0"."district", "t0"."employed";
-- rest
SELECT "t4"."c0" AS "c0", "t4"."c1" AS "c1", "t4"."c2" AS "c2", "t4"."c3" AS "c3", "t4"."c4" AS "c4" FROM ((SELECT CAST(NULL AS VARCHAR) AS "c0", CAST(NULL AS BOOLEAN) AS "c1", "t0"."v0" AS "c2", CAST(3 AS BIGINT) AS "c3", "t0"."__withheld_v0" AS "c4" FROM "gate_0" AS "t0") UNION ALL (SELECT "t3"."c0" AS "c0", "t3"."c1" AS "c1", "t3"."c2" AS "c2", "t3"."c3" AS "c3", "t3"."c4" AS "c4" FROM ((SELECT "t1"."k0" AS "c0", CAST(NULL AS BOOLEAN) AS "c1", "t1"."v0" AS "c2", CAST(1 AS BIGINT) AS "c3", "t1"."__withheld_v0" AS "c4" FROM "gate_1" AS "t1") UNION ALL (SELECT "t2"."k0" AS "c0", "t2"."k1" AS "c1", "t2"."v0" AS "c2", CAST(0 AS BIGINT) AS "c3", "t2"."__withheld_v0" AS "c4" FROM "gate_2" AS "t2")) AS "t3")) AS "t4" ORDER BY "t4"."c0", "t4"."c1", "t4"."c2", "t4"."c3";
