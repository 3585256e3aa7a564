-- gate 0: person; 0 = rows
SELECT "t3"."k0" AS "c0", "sum"("t3"."n0") AS "c1", count(*) AS "c2" FROM (SELECT "t2"."c1" AS "k0", "t2"."c2" AS "u", count(*) AS "n0" FROM ((SELECT "t0"."__unit_person" AS "c0", "t0"."kind" AS "c1", "t0"."__unit_person" AS "c2" FROM "city.visits"."rows" AS "t0") UNION ALL (SELECT "t1"."__unit_person" AS "c0", "t1"."district" AS "c1", "t1"."__unit_person" AS "c2" FROM "city.residents"."rows" AS "t1")) AS "t2" GROUP BY "t2"."c1", "t2"."c2") AS "t3" GROUP BY "t3"."k0";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."v1" AS "c2", "t0"."__withheld_v0" AS "c3", "t0"."__withheld_v1" AS "c4" FROM "gate_0" AS "t0";
