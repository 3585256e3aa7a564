-- gate 0: person; 0 = rows
SELECT "t0"."district" AS "c0", count(*) AS "c1" FROM "city.residents"."rows" AS "t0" GROUP BY "t0"."district";
-- gate 1: person; 0 = rows
SELECT "t0"."kind" AS "c0", count(*) AS "c1" FROM "city.visits"."rows" AS "t0" GROUP BY "t0"."kind";
-- rest
SELECT "t7"."c0" AS "c0", "t7"."c1" AS "c1", "t7"."c2" AS "c2" FROM (SELECT "t6"."c0" AS "c0", "t6"."c1" AS "c1", "bool_or"("t6"."c2") AS "c2" FROM ((SELECT "t2"."c0" AS "c0", "t2"."c1" AS "c1", "t4"."c2" AS "c2" FROM ((SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1" FROM "gate_0" AS "t0") EXCEPT (SELECT "t1"."code" AS "c0", CAST("t1"."area" AS BIGINT) AS "c1" FROM "city.districts"."rows" AS "t1")) AS "t2" LEFT JOIN (SELECT "t3"."k0" AS "c0", "t3"."v0" AS "c1", "bool_or"("t3"."__withheld_v0") AS "c2" FROM "gate_0" AS "t3" GROUP BY "t3"."k0", "t3"."v0") AS "t4" ON (("t2"."c0" IS NOT DISTINCT FROM "t4"."c0") AND ("t2"."c1" IS NOT DISTINCT FROM "t4"."c1"))) UNION ALL (SELECT "t5"."k0" AS "c0", "t5"."v0" AS "c1", "t5"."__withheld_v0" AS "c2" FROM "gate_1" AS "t5")) AS "t6" GROUP BY "t6"."c0", "t6"."c1") AS "t7" ORDER BY "t7"."c0", "t7"."c1";
