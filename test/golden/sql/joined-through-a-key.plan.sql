-- gate 0: person; 0 = rows; 1 = city.items.price in 10^-0
SELECT "t0"."kind" AS "c0", count(*) AS "c1", "count"("t1"."price") AS "c2", "sum"("t1"."price") AS "c3" FROM "city.visits"."rows" AS "t0" INNER JOIN "city.items"."rows" AS "t1" ON ("t0"."visit_id" = "t1"."visit_id") GROUP BY "t0"."kind";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."__withheld_v0" AS "c2" FROM "gate_0" AS "t0";
