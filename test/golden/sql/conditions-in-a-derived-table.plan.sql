-- gate 0: person; 0 = rows; 1 = city.residents.income in 10^-0 where city.residents.employed; 2 = rows where is-not-null(case(city.residents.employed, city.residents.income, cast(INTEGER "0" as BIGINT)))
SELECT "t0"."district" AS "c0", count(*) AS "c1", "count"("t0"."income") FILTER (WHERE "t0"."employed") AS "c2", "sum"("t0"."income") FILTER (WHERE "t0"."employed") AS "c3", count(*) FILTER (WHERE (CASE WHEN "t0"."employed" THEN "t0"."income" ELSE CAST(0 AS BIGINT) END IS NOT NULL)) AS "c4" FROM "city.residents"."rows" AS "t0" WHERE ("t0"."birth_year" >= 1940) GROUP BY "t0"."district";
-- rest
SELECT "t0"."k0" AS "c0", "t0"."v0" AS "c1", "t0"."v1" AS "c2", "t0"."__withheld_v0" AS "c3", "t0"."__withheld_v1" AS "c4" FROM "gate_0" AS "t0";
