-- gate 0: person; 0 = rows
SELECT "t0"."district" AS "c0", count(*) AS "c1" FROM "city.residents"."rows" AS "t0" WHERE (EXISTS (SELECT 1 AS "c0" FROM "city.visits"."rows" AS "t1" WHERE (("t1"."kind" = 'pool') AND ("t1"."__unit_person" = "t0"."__unit_person"))) AND (NOT ("t0"."__unit_person" IN (SELECT "t2"."__unit_person" AS "c0" FROM "city.visits"."rows" AS "t2" WHERE ("t2"."kind" = 'clinic'))))) GROUP BY "t0"."district";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."__withheld_v0" AS "c2" FROM "gate_0" AS "t0";
