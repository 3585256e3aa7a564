-- gate 0: person; 0 = rows; 1 = city.residents.income in 10^-0
SELECT "t0"."district" AS "c0", count(*) AS "c1", "count"("t0"."income") AS "c2", "sum"("t0"."income") AS "c3" FROM "city.residents"."rows" AS "t0" GROUP BY "t0"."district";
-- its keys
SELECT "t1"."c0" AS "c0" FROM (SELECT "t0"."c0" AS "c0" FROM (VALUES ('east'), ('west'), ('north'), ('south')) AS "t0"("c0") GROUP BY "t0"."c0") AS "t1";
-- rest
SELECT "t1"."c0" AS "c0", "t1"."c1" AS "c1", (CAST(("t1"."c1" * 100.0) AS DOUBLE) / CAST("t1"."c3" AS DOUBLE)) AS "c2", "t1"."c4" AS "c3", "t1"."c5" AS "c4", "t1"."c2" AS "c5", ("t1"."c2" OR "t1"."c6") AS "c6", "t1"."c7" AS "c7" FROM (SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."__withheld_v0" AS "c2", "sum"("t0"."v0") OVER () AS "c3", "rank"() OVER (ORDER BY "t0"."v0" DESC) AS "c4", "lag"("t0"."v0") OVER (ORDER BY "t0"."k0") AS "c5", "bool_or"("t0"."__withheld_v0") OVER () AS "c6", "lag"("t0"."__withheld_v0") OVER (ORDER BY "t0"."k0") AS "c7" FROM "gate_0" AS "t0") AS "t1" WHERE ("t1"."c4" <= 3) ORDER BY "t1"."c4", "t1"."c0", "t1"."c1", (CAST(("t1"."c1" * 100.0) AS DOUBLE) / CAST("t1"."c3" AS DOUBLE)), "t1"."c5" LIMIT 2;
