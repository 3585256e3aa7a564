/**
 * The evidence beside every cell, against a slow reading of the same rows: counts, sums, distinct units, largest unit totals
 * and cell keys, on every path and through every kind of join.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Policy } from '#contract/policy.ts';
import type { Cell } from '#sandbox/release/cells.ts';
import { executeSelect } from '#sandbox/engine/execute.ts';
import { CITY, cityData } from '../../../support/sql/city.ts';
import { openTables, pin, type TestData } from '../../../support/sql/tables.ts';
import { compileOn } from '../../../support/sql/through-gate.ts';

const policy = (mechanism: object): Policy => Policy.parse({
  policy: 'p', version: 1, dataset: 'city',
  statistics: { mechanism, units: { person: { min: 3 }, enterprise: { min: 2 } }, dominance: mechanism === SUPPRESS ? [{ rule: 'nk', n: 3, k: 90 }] : [], dimensions: 'any', measures: 'any', joins: 'any' },
});
const SUPPRESS = { kind: 'suppress' };
const CELL_KEY = { kind: 'cell-key', variance: '2', maxDeviation: 5 };

/** `rows`: the protected rows with key `k`, value `x`, and the units `p` and `e` (NULL where there is none). */
interface Case {
  readonly name: string;
  readonly sql: string;
  readonly rows: string;
  readonly kinds: readonly string[];
}

const PERSON = (alias: string): string => `${alias}.person_id`;
const CASES: readonly Case[] = [
  { name: 'one row per unit', sql: 'SELECT district AS k, sum(income), count(*) FROM residents GROUP BY 1', rows: `SELECT district k, income x, ${PERSON('r')} p, NULL e FROM residents r`, kinds: ['person'] },
  { name: 'rows of a unit', sql: 'SELECT kind AS k, sum(cost) FROM visits GROUP BY 1', rows: 'SELECT kind k, cost * 100 x, person_id p, NULL e FROM visits', kinds: ['person'] },
  { name: 'joined on the unit', sql: 'SELECT r.district AS k, sum(v.cost) FROM residents r JOIN visits v USING (person_id) GROUP BY 1', rows: 'SELECT district k, cost * 100 x, person_id p, NULL e FROM residents JOIN visits USING (person_id)', kinds: ['person'] },
  { name: 'left join', sql: 'SELECT r.district AS k, sum(v.cost) FROM residents r LEFT JOIN visits v USING (person_id) GROUP BY 1', rows: 'SELECT district k, cost * 100 x, person_id p, NULL e FROM residents LEFT JOIN visits USING (person_id)', kinds: ['person'] },
  { name: 'public left join', sql: 'SELECT d.region AS k, sum(r.income) FROM districts d LEFT JOIN residents r ON r.district = d.code GROUP BY 1', rows: 'SELECT d.region k, r.income x, r.person_id p, NULL e FROM districts d LEFT JOIN residents r ON r.district = d.code', kinds: ['person'] },
  { name: 'two kinds', sql: 'SELECT e.industry AS k, sum(j.wage) FROM jobs j JOIN enterprises e ON e.code = j.code GROUP BY 1', rows: 'SELECT e.industry k, j.wage x, j.person_id p, j.code e FROM jobs j JOIN enterprises e ON e.code = j.code', kinds: ['enterprise', 'person'] },
  { name: 'full join', sql: 'SELECT v.kind AS k, sum(j.wage) FROM visits v FULL JOIN jobs j ON v.person_id = j.person_id GROUP BY 1', rows: 'SELECT v.kind k, j.wage x, coalesce(v.person_id, j.person_id) p, j.code e FROM visits v FULL JOIN jobs j ON v.person_id = j.person_id', kinds: ['enterprise', 'person'] },
  { name: 'union', sql: "SELECT k, sum(x) FROM (SELECT kind AS k, CAST(cost AS INTEGER) AS x, person_id FROM visits UNION ALL SELECT district, birth_year, person_id FROM residents) GROUP BY 1", rows: 'SELECT kind k, CAST(cost AS INTEGER) x, person_id p, NULL e FROM visits UNION ALL SELECT district, birth_year, person_id, NULL FROM residents', kinds: ['person'] },
  { name: 'per unit first', sql: 'SELECT n AS k, sum(s) FROM (SELECT person_id, count(*) AS n, sum(visit_id) AS s FROM visits GROUP BY person_id) GROUP BY 1', rows: 'SELECT count(*) k, sum(visit_id) x, person_id p, NULL e FROM visits GROUP BY person_id', kinds: ['person'] },
  { name: 'through a key', sql: 'SELECT v.kind AS k, sum(i.price) FROM items i JOIN visits v USING (visit_id) GROUP BY 1', rows: 'SELECT v.kind k, i.price x, v.person_id p, NULL e FROM items i JOIN visits v USING (visit_id)', kinds: ['person'] },
  { name: 'without groups', sql: 'SELECT sum(income) FROM residents WHERE birth_year > 1960', rows: 'SELECT NULL k, income x, person_id p, NULL e FROM residents WHERE birth_year > 1960', kinds: ['person'] },
  { name: 'without rows', sql: 'SELECT sum(cost) FROM visits WHERE cost < 0', rows: 'SELECT NULL k, cost x, person_id p, NULL e FROM visits WHERE cost < 0', kinds: ['person'] },
];

let data: TestData;
beforeAll(async () => {
  data = await openTables(CITY, cityData(80));
  await data.connection.run('SET search_path = city');
});
afterAll(() => data.close());

async function cells(sql: string, mechanism: object): Promise<readonly Cell[]> {
  const compiled = await compileOn(data.connection, [pin(CITY, policy(mechanism))], sql);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const [gate] = compiled.value.gates;
  if (gate === undefined) throw new Error('no gate');
  const read = await executeSelect(data.connection, gate.sql, { rows: 10_000 });
  if (!read.ok) throw new Error(`${read.error.code}: ${gate.sql}`);
  return read.value.rows.map(gate.decode);
}

/** By key: rows with a value, their sum, and for each kind the units' totals of |x| and record keys. */
async function slow(rows: string, kind: string): Promise<ReadonlyMap<string, { count: bigint; sum: bigint; totals: readonly bigint[]; cellKey: number }>> {
  const unit = kind === 'person' ? 'p' : 'e';
  const answer = await data.connection.runAndReadAll(`
    WITH rows AS (${rows}), units AS (SELECT k, ${unit} u, count(x) n, sum(abs(CAST(x AS HUGEINT))) a FROM rows WHERE x IS NOT NULL AND ${unit} IS NOT NULL GROUP BY ALL),
    all_rows AS (SELECT k, count(x) n, coalesce(sum(CAST(x AS HUGEINT)), 0) s FROM rows GROUP BY k)
    SELECT CAST(r.k AS VARCHAR), r.n, r.s, list(u.a ORDER BY u.a DESC) FILTER (u.a IS NOT NULL), sum(CASE WHEN u.u IS NULL THEN 0 ELSE hash(u.u::varchar) % 4294967296 END)
    FROM all_rows r LEFT JOIN units u ON u.k IS NOT DISTINCT FROM r.k GROUP BY r.k, r.n, r.s`);
  return new Map(answer.getRowsJS().map(([k, n, s, totals, keys]) => [String(k), { count: BigInt(n as bigint), sum: BigInt(s as bigint), totals: ((totals as bigint[] | null) ?? []).map(BigInt), cellKey: Number(BigInt(keys as bigint) & 0xffff_ffffn) }]));
}

describe.each(CASES)('$name', ({ sql, rows, kinds }) => {
  test('counts, sums, units and largest totals', async () => {
    const found = await cells(sql, SUPPRESS);
    for (const kind of kinds) {
      const expected = await slow(rows, kind);
      for (const cell of found) {
        const measure = cell.evidence.at(-1);
        const reference = expected.get(String(cell.keys[0] ?? null)) ?? { count: 0n, sum: 0n, totals: [], cellKey: 0 };
        expect(measure).toBeDefined();
        expect(measure?.count).toBe(reference.count);
        expect(measure?.sum).toBe(reference.sum);
        const units = measure?.units[kind];
        if (units !== undefined && 'atLeast' in units) expect(units.atLeast).toBeLessThanOrEqual(BigInt(reference.totals.length));
        else expect(units).toEqual({ exact: BigInt(reference.totals.length) });
        // Where declared bounds prove the rule, or too few units decide anyway, nothing is looked for: `certified.test.ts`.
        const concentration = measure?.concentration[kind];
        if (concentration === undefined || 'certified' in concentration) continue;
        expect(measure?.concentration[kind]).toEqual({ absoluteTotal: reference.totals.reduce((a, b) => a + b, 0n), largest: reference.totals.slice(0, 3) });
      }
      if (found[0]?.keys.length !== 0) expect(found.length).toBe(expected.size);
    }
  });

  test('cell keys', async () => {
    const found = await cells(sql, CELL_KEY);
    for (const kind of kinds) {
      const expected = await slow(rows, kind);
      for (const cell of found) {
        const measure = cell.evidence.at(-1);
        expect(measure?.cellKey?.[kind]).toBe(expected.get(String(cell.keys[0] ?? null))?.cellKey ?? 0);
      }
    }
  });
});
