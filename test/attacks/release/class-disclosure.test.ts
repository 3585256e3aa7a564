/**
 * Class disclosure: forty patients live in 东街 and all of them have the same diagnosis. Forty is far above any minimum, and the number
 * tells everybody's diagnosis to whoever knows that forty live there. Asked for in every way that the gate accepts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { classIsSafe } from '#sandbox/sdc/class-disclosure.ts';
import type { Value } from '#contract/table.ts';
import fc from '../../support/fast-check.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'ward',
  tables: {
    patients: {
      file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' }, street: { type: 'varchar', role: 'quasi', domain: ['东街', '西街', '南街'] }, sex: { type: 'varchar', role: 'quasi', domain: ['F', 'M'] },
        diagnosis: { type: 'varchar', role: 'sensitive', domain: ['a', 'b', 'c'] }, days: { type: 'integer', role: 'sensitive', min: '0', max: '100' },
      },
    },
    tests: {
      file: 't.csv', units: { person: 'id' },
      columns: { id: { type: 'varchar', role: 'unit', references: 'patients.id' }, result: { type: 'varchar', role: 'sensitive', domain: ['positive', 'negative'] } },
    },
  },
});
const policy = (zeros: 'disclosive' | 'publishable'): Policy => Policy.parse({
  policy: 'ward', version: 1, dataset: 'ward',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, zeros,
    dimensions: { 'patients.street': { categories: 'all' }, 'patients.sex': { categories: 'all' }, 'patients.diagnosis': { categories: 'all' }, 'tests.result': { categories: 'all' } },
    measures: { 'patients.days': ['count', 'sum', 'avg', 'quantile'] }, joins: [['patients.id', 'tests.id']],
  },
});

let data: TestData;
beforeAll(async () => {
  // 东街: 40 of a. 西街: 25 of a, 20 of b. 南街: 60 of a, 5 of b, 1 of c.
  const patients = [['东街', 'a', 40], ['西街', 'a', 25], ['西街', 'b', 20], ['南街', 'a', 60], ['南街', 'b', 5], ['南街', 'c', 1]] as const;
  const rows = patients.flatMap(([street, diagnosis, n]) => Array.from({ length: n }, (_, i) => ({ street, diagnosis, sex: i % 2 === 0 ? 'F' : 'M', days: (i * 37) % 50 })));
  data = await openTables(MANIFEST, {
    patients: rows.map(({ street, diagnosis, sex, days }, i) => [`'P${i}'`, `'${street}'`, `'${sex}'`, `'${diagnosis}'`, String(days)]),
    // Whoever has a was positive, twice.
    tests: rows.flatMap(({ diagnosis }, i) => [0, 1].map(() => [`'P${i}'`, diagnosis === 'a' ? "'positive'" : "'negative'"])),
  });
});
afterAll(() => data.close());

async function ask(sql: string, zeros: 'disclosive' | 'publishable'): Promise<readonly (readonly Value[])[]> {
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy(zeros))], sql);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value.rows;
}

/** Each answers street and a number about those of it who have a; of 西街 it may be told, of 东街 and 南街 not. */
const WAYS: readonly (readonly [string, string])[] = [
  ['as a key', "SELECT street, max(n) FROM (SELECT street, diagnosis, count(*) AS n FROM patients GROUP BY ALL) WHERE diagnosis = 'a' GROUP BY street"],
  ['as a key in place of others', "SELECT street, n FROM (SELECT street, diagnosis = 'a' AS has, count(*) AS n FROM patients GROUP BY ALL) WHERE has"],
  ['in WHERE', "SELECT street, count(*) FROM patients WHERE diagnosis = 'a' GROUP BY street"],
  ['in WHERE of a derived table', "SELECT street, count(*) FROM (SELECT * FROM patients WHERE diagnosis NOT IN ('b', 'c')) p GROUP BY street"],
  ['as a sum of days', "SELECT street, sum(days) FROM patients WHERE diagnosis = 'a' GROUP BY street"],
  ['as a median', "SELECT street, median(days) FROM patients WHERE diagnosis = 'a' GROUP BY street"],
  ['in FILTER', "SELECT street, count(*) FILTER (WHERE diagnosis = 'a') FROM patients GROUP BY street"],
  ['in CASE', "SELECT street, sum(CASE WHEN diagnosis = 'a' THEN 1 ELSE 0 END) FROM patients GROUP BY street"],
  ['in CASE over a measure', "SELECT street, sum(CASE WHEN diagnosis = 'a' THEN days END) FROM patients GROUP BY street"],
  ['as count_if', "SELECT street, count_if(diagnosis = 'a') FROM patients GROUP BY street"],
  ['by another row of the unit', "SELECT street, count(DISTINCT p.id) FROM patients p JOIN tests t USING (id) WHERE t.result = 'positive' GROUP BY street"],
  ['by a subquery', "SELECT street, count(*) FROM patients p WHERE EXISTS (SELECT 1 FROM tests t WHERE t.id = p.id AND t.result = 'positive') GROUP BY street"],
  ['by IN', "SELECT street, count(*) FROM patients WHERE id IN (SELECT id FROM tests WHERE result = 'positive') GROUP BY street"],
  ['by a table that lists it', "SELECT street, count(*) FROM patients p JOIN (VALUES ('a')) v(d) ON p.diagnosis = v.d GROUP BY street"],
  ['by a table that names it', "SELECT street, n FROM (SELECT street, v.name, count(*) AS n FROM patients p, (VALUES ('a', 'x'), ('b', 'y'), ('c', 'y')) v(d, name) WHERE p.diagnosis = v.d GROUP BY ALL) WHERE name = 'x'"],
  ['among distinct rows', "SELECT street, count(*) FROM (SELECT DISTINCT id, street FROM patients WHERE diagnosis = 'a') GROUP BY street"],
  ['by the rows of each unit', "SELECT street, count(*) FROM (SELECT p.id, p.street, count(*) AS n FROM patients p JOIN tests t USING (id) WHERE t.result = 'positive' GROUP BY p.id, p.street) GROUP BY street"],
  ['by what two sets share', "SELECT street, count(*) FROM (SELECT id, street FROM patients INTERSECT SELECT id, street FROM patients WHERE diagnosis = 'a') GROUP BY street"],
  ['by what a set lacks', "SELECT street, count(*) FROM (SELECT id, street FROM patients EXCEPT SELECT id, street FROM patients WHERE diagnosis <> 'a') GROUP BY street"],
  ['by an outer join', "SELECT street, count(t.id) FROM patients p LEFT JOIN (SELECT DISTINCT id FROM tests WHERE result = 'positive') t ON t.id = p.id GROUP BY street"],
  ['by an outer join in WHERE', "SELECT p.street, count(*) FROM patients p LEFT JOIN (SELECT id, sex, days FROM patients WHERE diagnosis = 'a') q ON q.id = p.id WHERE q.sex IS NOT NULL GROUP BY p.street"],
  ['by an outer join in FILTER', "SELECT p.street, count(*) FILTER (WHERE q.sex IN ('F', 'M')) FROM patients p LEFT JOIN (SELECT id, sex, days FROM patients WHERE diagnosis = 'a') q ON q.id = p.id GROUP BY p.street"],
  ['by an outer join in CASE', "SELECT p.street, sum(CASE WHEN q.sex IS NULL THEN 0 ELSE 1 END) FROM patients p LEFT JOIN (SELECT id, sex, days FROM patients WHERE diagnosis = 'a') q ON q.id = p.id GROUP BY p.street"],
  ['by the condition of an outer join', "SELECT p.street, count(q.id) FROM patients p LEFT JOIN patients q ON q.id = p.id AND q.diagnosis = 'a' GROUP BY p.street"],
  ['by what an outer join adds up', "SELECT p.street, sum(q.days) FROM patients p LEFT JOIN (SELECT id, days FROM patients WHERE diagnosis = 'a') q ON q.id = p.id GROUP BY p.street"],
  ['by what an outer join averages', "SELECT p.street, avg(q.days) FROM patients p LEFT JOIN (SELECT id, sex, days FROM patients WHERE diagnosis = 'a') q ON q.id = p.id GROUP BY p.street"],
  ['by a key of an outer join', "SELECT street, n FROM (SELECT p.street, q.sex IS NULL AS lacks, count(*) AS n FROM patients p LEFT JOIN (SELECT id, sex, days FROM patients WHERE diagnosis = 'a') q ON q.id = p.id GROUP BY ALL) WHERE NOT lacks"],
  ['by a subquery of what an outer join finds', "SELECT p.street, count(*) FROM patients p LEFT JOIN (SELECT id, sex, days FROM patients WHERE diagnosis = 'a') q ON q.id = p.id WHERE q.id IN (SELECT id FROM tests) GROUP BY p.street"],
  ['by an outer join that asks for a value', "SELECT p.street, count(q.id) FROM patients p LEFT JOIN patients q ON q.id = p.id AND q.sex IS NOT NULL AND q.diagnosis = 'a' GROUP BY p.street"],
  ['by an outer join the other way round', "SELECT street, count(t.id) FROM (SELECT DISTINCT id FROM tests WHERE result = 'positive') t RIGHT JOIN patients p ON t.id = p.id GROUP BY street"],
  ['by persons that an outer join finds', "SELECT street, count(DISTINCT t.id) FROM patients p LEFT JOIN tests t ON t.id = p.id AND t.result = 'positive' GROUP BY street"],
  ['by two keys', "SELECT street, max(n) FROM (SELECT street, sex, diagnosis, count(*) AS n FROM patients GROUP BY ALL) WHERE diagnosis = 'a' GROUP BY street"],
];

describe.each(WAYS)('%s', (_, sql) => {
  const of = (rows: readonly (readonly Value[])[], street: string): Value => rows.find(([name]) => name === street)?.[1] ?? null;

  test('tells of all of 东街 and nearly all of 南街 where absences are published', async () => {
    const rows = await ask(sql, 'publishable');
    expect(of(rows, '东街')).not.toBeNull();
    expect(of(rows, '南街')).not.toBeNull();
  });

  test('and otherwise of neither; 西街 is released as it is', async () => {
    const [rows, open] = [await ask(sql, 'disclosive'), await ask(sql, 'publishable')];
    expect(of(rows, '东街')).toBeNull();
    expect(of(rows, '南街')).toBeNull();
    expect(of(rows, '西街')).toBe(of(open, '西街'));
  });
});

test('a join with what an outer join has found cannot be told apart from the condition, and is refused', async () => {
  const sql = "SELECT p.street, count(*) FROM patients p LEFT JOIN (SELECT id FROM patients WHERE diagnosis = 'a') q ON q.id = p.id JOIN patients x ON x.id = q.id GROUP BY p.street";
  expect((await ask(sql, 'publishable')).map(([, n]) => Number(n))).toContain(40);
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy('disclosive'))], sql);
  expect(answer.ok ? [] : answer.error.map(({ code }) => code)).toEqual(['gate/class-link']);
});

test('an outer join with all rows finds what it finds', async () => {
  expect((await ask('SELECT p.street, count(q.id) FROM patients p LEFT JOIN patients q ON q.id = p.id GROUP BY p.street', 'disclosive')).map(([, n]) => Number(n)).sort()).toEqual([40, 45, 66]);
});

test('what is not sensitive may be all of one kind', async () => {
  expect((await ask("SELECT street, count(*) FROM patients WHERE sex = 'F' GROUP BY street", 'disclosive')).map(([, n]) => Number(n))).toEqual([20, 34, 23]);
});

describe('the rule', () => {
  test.each([
    [40n, 40n, 10, false], [41n, 40n, 10, false], [49n, 40n, 10, true], // 40 of 49: nine outside, below nine in ten
    [99n, 90n, 10, false], [100n, 90n, 10, true], [100n, 91n, 10, false],
    [10_000n, 9_991n, 10, false], [10_000n, 9_990n, 10, true],
    [12n, 0n, 10, true], [12n, 12n, 0, true],
  ])('%s of whom %s, minimum %s: %s', (whole, part, min, safe) => expect(classIsSafe(whole, part, min)).toBe(safe));

  test('nobody outside is never safe, and at least the minimum outside always', () => {
    fc.assert(fc.property(fc.bigInt(1n, 10_000n), fc.bigInt(0n, 10_000n), fc.integer({ min: 1, max: 100 }), (part, outside, min) =>
      (outside > 0n || !classIsSafe(part, part, min)) && (outside < BigInt(min) || classIsSafe(part + outside, part, min))));
  });
});
