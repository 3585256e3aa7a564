-- gate 0: person; 0 = rows
SELECT "t0"."district" AS "c0", count(*) AS "c1" FROM "city.residents"."rows" AS "t0" GROUP BY "t0"."district";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t1"."v0" AS "c2", "t0"."__withheld_v0" AS "c3", "t1"."__withheld_v0" AS "c4" FROM "gate_0" AS "t0" LEFT JOIN "gate_0" AS "t1" ON ("t0"."v0" < "t1"."v0") ORDER BY "t0"."k0", "t0"."v0", "t1"."v0";
