-- gate 0: person; 0 = rows; 1 = city.residents.income in 10^-0
SELECT "t0"."district" AS "c0", count(*) AS "c1", "count"("t0"."income") AS "c2", "sum"("t0"."income") AS "c3" FROM "city.residents"."rows" AS "t0" GROUP BY "t0"."district";
-- gate 1: person; 0 = rows
SELECT count(*) AS "c0" FROM "city.residents"."rows" AS "t0" WHERE (CAST("t0"."income" AS DOUBLE) > (SELECT "t1"."v0" AS "c0" FROM "gate_0" AS "t1" WHERE ("t1"."k0" = "t0"."district")));
-- rest
SELECT "t0"."v0" AS "c0", "t0"."__withheld_v0" AS "c1" FROM "gate_1" AS "t0";
