-- gate 0: person; 0 = rows; 1 = rows where is-not-null(city.residents.income); 2 = city.residents.income in 10^-0; 3 = city.residents.score in 10^-6
SELECT "t0"."district" AS "c0", count(*) AS "c1", count(*) FILTER (WHERE ("t0"."income" IS NOT NULL)) AS "c2", "count"("t0"."income") AS "c3", "sum"("t0"."income") AS "c4", "count"("t0"."__fixed_score") AS "c5", "sum"("t0"."__fixed_score") AS "c6" FROM "city.residents"."rows" AS "t0" WHERE "t0"."employed" GROUP BY "t0"."district";
-- its keys
SELECT "t1"."c0" AS "c0" FROM (SELECT "t0"."c0" AS "c0" FROM (VALUES ('east'), ('west'), ('north'), ('south')) AS "t0"("c0") GROUP BY "t0"."c0") AS "t1";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."v1" AS "c2", "t0"."v2" AS "c3", "t0"."v3" AS "c4", "t0"."__withheld_v0" AS "c5", "t0"."__withheld_v1" AS "c6", "t0"."__withheld_v2" AS "c7", "t0"."__withheld_v3" AS "c8" FROM "gate_0" AS "t0" ORDER BY "t0"."v0" DESC, "t0"."k0", "t0"."v1", "t0"."v2", "t0"."v3";
