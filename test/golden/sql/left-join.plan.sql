-- gate 0: person; 0 = rows; 1 = rows where is-not-null(city.visits.visit_id); 2 = city.visits.cost in 10^-2
SELECT "t0"."district" AS "c0", count(*) AS "c1", count(*) FILTER (WHERE ("t1"."visit_id" IS NOT NULL)) AS "c2", "count"("t1"."cost") AS "c3", "sum"("t1"."cost") AS "c4" FROM "city.residents"."rows" AS "t0" LEFT JOIN "city.visits"."rows" AS "t1" ON (("t1"."__unit_person" = "t0"."__unit_person") AND ("t1"."kind" = 'pool')) GROUP BY "t0"."district";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."v1" AS "c2", "t0"."v2" AS "c3", "t0"."__withheld_v0" AS "c4", "t0"."__withheld_v1" AS "c5", "t0"."__withheld_v2" AS "c6" FROM "gate_0" AS "t0";
