-- rest
SELECT "t1"."c0" AS "c0", "t1"."c1" AS "c1" FROM (SELECT "t0"."region" AS "c0", "sum"("t0"."area") AS "c1" FROM "city.districts"."rows" AS "t0" WHERE ("t0"."code" <> 'x') GROUP BY "t0"."region") AS "t1" ORDER BY "t1"."c1" DESC, "t1"."c0" LIMIT 1;
