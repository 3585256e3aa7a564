-- gate 0: enterprise, person; 0 = rows; 1 = rows where is-not-null(city.visits.<person>)
SELECT "sum"("t2"."n0") AS "c0", "sum"("t2"."n1") AS "c1", count(*) FILTER (WHERE ("t2"."n1" > 0)) AS "c2" FROM (SELECT COALESCE("t0"."__unit_person", "t1"."__unit_person") AS "u", count(*) AS "n0", count(*) FILTER (WHERE (COALESCE("t0"."__unit_person", "t1"."__unit_person") IS NOT NULL)) AS "n1" FROM "city.visits"."rows" AS "t0" FULL JOIN "city.jobs"."rows" AS "t1" ON ("t0"."__unit_person" = "t1"."__unit_person") WHERE (("t1"."wage" IS NULL) OR ("t1"."wage" > 1200)) GROUP BY COALESCE("t0"."__unit_person", "t1"."__unit_person")) AS "t2";
-- rest
SELECT "t0"."v0" AS "c0", "t0"."v1" AS "c1", "t0"."__withheld_v0" AS "c2", "t0"."__withheld_v1" AS "c3" FROM "gate_0" AS "t0";
