-- gate 0: person; 0 = rows
SELECT TRY_CAST((-"t0"."birth_year") AS SMALLINT) AS "c0", count(*) AS "c1" FROM "city.residents"."rows" AS "t0" GROUP BY TRY_CAST((-"t0"."birth_year") AS SMALLINT);
-- rest
SELECT "t0"."k0" AS "c0", (CAST('2020-01-01' AS DATE) + "to_months"(CAST("trunc"(CAST(1 AS DOUBLE)) AS INTEGER))) AS "c1", 1.50 AS "c2", 1000e0 AS "c3", 'it''s' AS "c4", CAST(NULL AS INTEGER) AS "c5", "t0"."v0" AS "c6", "t0"."__withheld_v0" AS "c7" FROM "gate_0" AS "t0";
