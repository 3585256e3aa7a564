import { describe, expect, test } from 'vitest';
import type { Measure, Output } from '#sandbox/release/cells.ts';
import { release } from '#sandbox/release/release.ts';
import { statementOf } from '#sandbox/release/statement.ts';
import { readCsv } from '../../support/csv.ts';
import { AVG, COUNT, DISTRICT, evidence, gate, INCOME, policy, ROWS, SUM, units } from '../../support/gate.ts';

const rows: Measure = { ...ROWS, bound: { person: { rows: 1n, total: 1n } } };
const income: Measure = { ...INCOME, bound: { person: { rows: 1n, total: 100n } } };
const round = (method: string, base = 5) => policy({ mechanism: { kind: 'round', base, method }, units: { person: { min: 3 } }, zeros: 'publishable' });
const released = (...args: Parameters<typeof release>) => {
  const result = release(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const rowsOf = (...args: Parameters<typeof release>) => released(...args).tables.map(({ load }) => load.rows);

test('counts to the base, sums to the base times the largest contribution, averages from both', () => {
  const cells = [{ keys: ['A'], evidence: [units(12), evidence(Array.from({ length: 12 }, () => 90))] }];
  // 12 → 10; 1080 → nearest 500 → 1000; 1000 / 10
  expect(rowsOf([gate({ measures: [rows, income], outputs: [COUNT, SUM, AVG] }, cells, [['A']])], [round('nearest')])).toEqual([[['A', '10', '1000', 100, false, false, false]]]);
  // 12 → 15 − 2; 1080 → 1500 − 250
  expect(rowsOf([gate({ measures: [rows, income], outputs: [COUNT, SUM] }, cells, [['A']])], [round('midpoint')])).toEqual([[['A', '13', '1250', false, false]]]);
});

test('a constant cannot scale the rounding away', () => {
  const thousands: Output = { name: 'x', type: 'HUGEINT', statistic: 'sum', terms: [{ coefficient: '1000', measure: 0 }], count: 0 };
  const offset: Output = { name: 'y', type: 'HUGEINT', statistic: 'sum', terms: [{ coefficient: '1', measure: 1 }, { coefficient: '-0.5', measure: 0 }], count: 0 };
  const answers = [11, 12, 13, 14].map((n) => rowsOf([gate({ measures: [rows, income], outputs: [thousands, offset] }, [{ keys: ['A'], evidence: [units(n), units(n)] }], [['A']])], [round('nearest')])[0]?.[0]);
  expect(answers.map((row) => row?.[1])).toEqual(['10000', '10000', '15000', '15000']);
  expect(answers.map((row) => row?.[2])).toEqual(['-5', '-5', '-8', '-8']);
});

test('fan-out does not either: rows of a unit that may have 40 are rounded by 40 times the base', () => {
  const visits: Measure = { ...ROWS, magnitude: true, bound: { person: { rows: 40n, total: 40n } } };
  const answers = [401, 440, 480, 499].map((n) => rowsOf([gate({ measures: [visits] }, [{ keys: ['A'], evidence: [{ ...units(n), units: { person: { exact: 20n } } }] }], [['A']])], [round('nearest')])[0]?.[0]?.[1]);
  expect(answers).toEqual(['400', '400', '400', '400']);
});

test('without a declared bound the gate is refused before data is looked at', () => {
  const result = release([gate({ measures: [rows, { ...INCOME, bound: { person: { rows: 1n, total: null } } }], outputs: [COUNT, SUM] }, [], null)], [round('nearest')]);
  expect(result.ok ? [] : result.error.map(({ code, clause }) => [code, clause])).toEqual([['release/no-contribution-bound', 'city-statistics@3 statistics.mechanism']]);
});

describe('margins', () => {
  const year = { name: 'year', type: 'INTEGER', public: true, of: 'year' };
  const grant = { ...DISTRICT, name: 'grant', of: 'grant' };
  // ACRO A08: six years, of which each has G 15, N 59, R 71, R/G 8.
  const expected = readCsv(new URL('../../conformance/sdc/expected/acro07_year_granttype_count_round5.csv', import.meta.url)).rows;
  const cells = Array.from({ length: 6 }, (_, i) => [15, 59, 71, 8].map((n, j) => ({ keys: [2010 + i, ['G', 'N', 'R', 'R/G'][j] ?? ''], evidence: [units(n)] }))).flat();
  const universe = cells.map(({ keys }) => keys);
  const spec = { measures: [rows], relation: 'charities' };
  const tables = (grants = cells) => [
    gate({ ...spec, id: 0, keys: [] }, [{ keys: [], evidence: [units(918)] }], null),
    gate({ ...spec, id: 1, keys: [year] }, Array.from({ length: 6 }, (_, i) => ({ keys: [2010 + i], evidence: [units(153)] })), Array.from({ length: 6 }, (_, i) => [2010 + i])),
    gate({ ...spec, id: 2, keys: [year, grant] }, grants, universe),
  ];

  test('controlled: margins are the sums of their rounded cells', () => {
    const [all, years, cross] = rowsOf(tables(), [round('controlled')]);
    const total = expected.at(-1)?.['All'];
    const inYears = expected.slice(0, -1);
    expect(cross?.map((row) => Number(row[2]))).toEqual(inYears.flatMap((row) => ['G', 'N', 'R', 'R/G'].map((type) => Number(row[type]))));
    expect(years?.map((row) => [String(row[0]), Number(row[1])])).toEqual(inYears.map((row) => [row['year'], Number(row['All'])]));
    expect(all).toEqual([[String(Number(total)), false]]);
  });

  test('nearest: each on its own', () => {
    const [all, years] = rowsOf(tables(), [round('nearest')]);
    expect(all).toEqual([['920', false]]);
    expect(years?.[0]).toEqual([2010, '155', false]);
  });

  test('a margin over a withheld cell is rounded on its own', () => {
    const withheld = cells.map((cell, i) => (i === 3 ? { ...cell, evidence: [units(2)] } : cell));
    const [all, years] = rowsOf(tables(withheld), [round('controlled')]);
    expect(years?.map((row) => row[1])).toEqual(['155', '155', '155', '155', '155', '155']);
    expect(all).toEqual([['920', false]]);
  });
});

test('the statement says that numbers are rounded, and by which clause', () => {
  const statement = statementOf([released([gate({ measures: [rows] }, [{ keys: ['A'], evidence: [units(12)] }], [['A']])], [round('nearest')])]);
  expect(statement.rules.map(({ clause }) => clause)).toContain('city-statistics@3 statistics.mechanism');
  expect(statement.sentences[0]?.en).toMatch(/not exact/);
});

describe('a count that comes out as 0', () => {
  const lenient = policy({ mechanism: { kind: 'round', base: 5, method: 'nearest' }, units: { person: { min: 0 } } });

  test('at public keys looks like nobody, although no minimum is set', () => {
    expect(rowsOf([gate({ measures: [rows] }, [{ keys: ['A'], evidence: [units(2)] }], [['A'], ['B']])], [lenient])).toEqual([[['A', '0', false], ['B', '0', false]]]);
  });

  test('at other keys does not exist', () => {
    expect(rowsOf([gate({ measures: [rows], keys: [{ ...DISTRICT, public: false }] }, [{ keys: ['A'], evidence: [units(2)] }, { keys: ['B'], evidence: [units(3)] }], null)], [lenient])).toEqual([[['B', '5', false]]]);
  });
});
