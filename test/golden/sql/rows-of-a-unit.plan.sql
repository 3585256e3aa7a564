-- gate 0: person; 0 = rows; 1 = city.visits.cost in 10^-2
SELECT "t1"."k0" AS "c0", "sum"("t1"."n0") AS "c1", count(*) AS "c2", "sum"("t1"."n1") AS "c3", "sum"("t1"."s1") AS "c4" FROM (SELECT "t0"."kind" AS "k0", "t0"."__unit_person" AS "u", count(*) AS "n0", "count"("t0"."cost") AS "n1", "sum"("t0"."cost") AS "s1" FROM "city.visits"."rows" AS "t0" GROUP BY "t0"."kind", "t0"."__unit_person") AS "t1" GROUP BY "t1"."k0";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."v1" AS "c2", "t0"."v2" AS "c3", "t0"."__withheld_v0" AS "c4", "t0"."__withheld_v1" AS "c5", "t0"."__withheld_v2" AS "c6" FROM "gate_0" AS "t0";
