-- gate 0: person; 0 = rows; 1 = city.visits.cost in 10^-2
SELECT "t3"."k0" AS "c0", "sum"("t3"."n0") AS "c1", count(*) AS "c2", "sum"("t3"."n1") AS "c3", "sum"("t3"."s1") AS "c4" FROM (SELECT "t2"."region" AS "k0", "t0"."__unit_person" AS "u", count(*) AS "n0", "count"("t1"."cost") AS "n1", "sum"("t1"."cost") AS "s1" FROM "city.residents"."rows" AS "t0" CROSS JOIN "city.visits"."rows" AS "t1" CROSS JOIN "city.districts"."rows" AS "t2" WHERE (("t0"."__unit_person" = "t1"."__unit_person") AND ("t2"."code" = "t0"."district") AND ("t1"."at" >= CAST('2023-03-01' AS TIMESTAMP))) GROUP BY "t2"."region", "t0"."__unit_person") AS "t3" GROUP BY "t3"."k0";
-- its keys
SELECT "t1"."c0" AS "c0" FROM (SELECT "t0"."region" AS "c0" FROM "city.districts"."rows" AS "t0" GROUP BY "t0"."region") AS "t1";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."v1" AS "c2", "t0"."__withheld_v0" AS "c3", "t0"."__withheld_v1" AS "c4" FROM "gate_0" AS "t0" WHERE ("t0"."v2" > 2);
