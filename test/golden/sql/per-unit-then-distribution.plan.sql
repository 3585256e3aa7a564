-- gate 0: person; 0 = rows
SELECT "t1"."c1" AS "c0", count(*) AS "c1" FROM (SELECT "t0"."__unit_person" AS "c0", count(*) AS "c1" FROM "city.visits"."rows" AS "t0" GROUP BY "t0"."__unit_person") AS "t1" GROUP BY "t1"."c1";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."__withheld_v0" AS "c2" FROM "gate_0" AS "t0" ORDER BY "t0"."k0", "t0"."v0";
