/**
 * C01 – C03 (GaussSuppression) in SQL through the whole path: all crossings of both dimensions, and of the levels of two hierarchies, in one query.
 * That nothing withheld can be pinned down is `secondary.test.ts`.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, type Answer } from '../../attacks/release/trial.ts';
import { caseData, cellsOf, expectedRows, keyOf, withheldOf } from './asked.ts';

const VALUE = { value: { type: 'decimal(8,1)', min: '0', max: '1000' } };
const BY_LEVELS = { measures: VALUE, levels: { sector4: 'sector2', geo: 'eu' } };
const GRID = { dimensions: { 't.sector4': { levels: ['sector4', 'sector2'] }, 't.geo': { levels: ['geo', 'eu'] } } };

const crossing = (sectors: readonly (string | null)[], places: readonly (string | null)[]) => sectors.flatMap((a) => places.map((b) => {
  const keys = [a, b].filter((name) => name !== null);
  return `SELECT ${a ?? "'Total'"}, ${b ?? "'Total'"}, sum(value) FROM t${keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`}`;
})).join(' UNION ALL ');
const FLAT = crossing(['sector4', null], ['geo', null]);

const CASES = [
  { id: 'C01', file: 'gauss01_few_contributors_maxN1', options: { measures: VALUE }, sql: FLAT, rules: { units: { row: { min: 2 } } } },
  { id: 'C02', file: 'gauss02_dominance_1_80', options: { measures: VALUE }, sql: FLAT, rules: { units: { row: { min: 0 } }, dominance: [{ rule: 'nk', n: 1, k: 80 }] } },
  {
    id: 'C03', file: 'gauss03_dominance_hier_1_80_2_99', options: BY_LEVELS, sql: crossing(['sector4', 'sector2', null], ['geo', 'eu', null]),
    rules: { units: { row: { min: 0 } }, dominance: [{ rule: 'nk', n: 1, k: 80 }, { rule: 'nk', n: 2, k: 99 }], ...GRID },
  },
] as const;

describe.each(CASES)('$id', ({ id, file, options, sql, rules }) => {
  const expected = expectedRows(file);
  const wanted = (flag: string) => expected.filter((row) => row[flag] === 'TRUE').map((row) => keyOf([row['sector4'], row['geo']])).sort();
  const made = caseData('gauss_magnitude1.csv', options);
  const of = (statistics: Record<string, unknown>): Answer | undefined => ask(made, { zeros: 'publishable', ...rules, ...statistics }, { [id]: sql }).get(id);
  let primary: ReadonlyMap<string, string | null>;
  let guarded: ReadonlyMap<string, string | null>;
  beforeAll(() => {
    [primary, guarded] = [cellsOf(of({})), cellsOf(of({ secondary: 'required' }))];
  });

  test('primaries are those of the source, and all other numbers', () => {
    expect(withheldOf(primary)).toEqual(wanted('primary'));
    for (const row of expected) {
      const given = primary.get(keyOf([row['sector4'], row['geo']]));
      // A cell without contributions is 0 there; here it has no sum.
      if (given !== null && given !== undefined) expect(Number(given)).toBeCloseTo(Number(row['value']), 6);
    }
  });

  test('and stay so with at most one secondary more than there', () => {
    const withheld = withheldOf(guarded);
    expect(withheld).toEqual(expect.arrayContaining(wanted('primary')));
    expect(withheld.length).toBeLessThanOrEqual(wanted('suppressed').length + 1);
  });
});
