/**
 * A01 – A10, A20 – A25 (ACRO): the union of what its checks flag is what is withheld. Each row is a unit.
 *
 * Where we differ: its suppressed totals leave out what is suppressed (145 for 153). Here a total is of everybody, or withheld; that it
 * is of the given cells only has to be asked for, and then is the source's number.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, type Answer } from '../../attacks/release/trial.ts';
import { readCsv } from '../../support/csv.ts';
import { caseData, cellsOf, expectedRows, keyOf, withheldOf, type Row } from './asked.ts';

const DOMINANCE = [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 90 }];
const RULES = { units: { row: { min: 10 } }, dominance: DOMINANCE };
const OPEN = { units: { row: { min: 0 } } };
const rows = readCsv(`${import.meta.dirname}/data/acro_test_data.csv`).rows;
const largest = rows.reduce((most, { inc_grants = '' }) => Math.max(most, Math.ceil(Number(inc_grants))), 0);
const charities = caseData('acro_test_data.csv', { measures: { inc_grants: { type: 'double', min: '0', max: String(largest) } } });

/** Sums over cells that are given, as the source adds them up. */
const ofGiven = (keys: string, from: string, sets: string) => `SELECT ${keys}, sum(n) FROM (SELECT ${keys}, count(*) AS n FROM ${from} GROUP BY ALL) WHERE n IS NOT NULL GROUP BY GROUPING SETS (${sets})`;
const single = (number: string | null | undefined) => Math.fround(Number(number));

const TABLES = [
  ['acro01_year_granttype_count', 'SELECT year, grant_type, count(*) FROM t GROUP BY ALL', 6],
  ['acro02_year_granttype_mean_incgrants', 'SELECT year, grant_type, avg(inc_grants) FROM t GROUP BY ALL', 7],
  ['acro03_year_granttype_sum_incgrants', 'SELECT year, grant_type, sum(inc_grants) FROM t GROUP BY ALL', 7],
  ['acro04_year_survivor_count', 'SELECT year, survivor, count(*) FROM t GROUP BY ALL', 0],
  ['acro05_survivor_granttype_mean', 'SELECT survivor, grant_type, avg(inc_grants) FROM t GROUP BY ALL', 2],
] as const;
const YEARS = 'SELECT year, grant_type, count(*) FROM t GROUP BY CUBE (year, grant_type)';
const MEANS = 'SELECT grant_type, avg(inc_grants) FROM t GROUP BY ALL';
const SUMS = 'SELECT grant_type, sum(inc_grants) FROM t GROUP BY ALL';

describe('charities', () => {
  let answered: ReadonlyMap<string, Answer>;
  let bare: ReadonlyMap<string, Answer>;
  beforeAll(() => {
    answered = ask(charities, RULES, { ...Object.fromEntries(TABLES.map(([file, sql]) => [file, sql])), YEARS, MEANS, SUMS, given: ofGiven('year, grant_type', 't', '(year, grant_type), (year), (grant_type), ()') });
    bare = ask(charities, OPEN, { YEARS, MEANS, SUMS });
  });

  test.each(TABLES)('A01 – A05 %s', (file, _, flagged) => {
    const expected = expectedRows(file);
    const cells = cellsOf(answered.get(file));
    const wanted = expected.filter((row) => ['threshold', 'p_ratio', 'nk'].some((flag) => row[flag] === 'True')).map((row) => keyOf([row['row'], row['col']])).sort();
    expect(wanted).toHaveLength(flagged);
    expect(withheldOf(cells)).toEqual(wanted);
    expect(cells.size).toBe(expected.length);
    for (const row of expected.filter((row) => row['suppressed_value'] !== '')) {
      // Means and sums of single precision there.
      const wantedValue = Number(row['suppressed_value']);
      expect(Math.abs(Number(cells.get(keyOf([row['row'], row['col']]))) - wantedValue)).toBeLessThanOrEqual(Math.abs(wantedValue) * 1e-6);
    }
  });

  test('A06: totals as they are', () => {
    const cells = cellsOf(bare.get('YEARS'));
    expect(cells).toEqual(crossed('acro06_year_granttype_count_margins_raw'));
    expect(cells.get('2010 *')).toBe('153');
    expect(cells.get('* *')).toBe('918');
  });

  test('A07: R/G withheld; over what is given, the source’s totals: 145 for a year, 870 in all', () => {
    const expected = crossed('acro06_year_granttype_count_margins_suppressed');
    const given = cellsOf(answered.get('given'));
    expect(given).toEqual(new Map([...expected].filter(([, value]) => value !== '')));
    expect([given.get('2010 *'), given.get('* *')]).toEqual(['145', '870']);
  });

  // Beside totals of everybody further cells are withheld until no R/G can be worked out.
  test('A07: with totals of everybody, R/G withheld and nothing left to work it out from', () => {
    const cells = cellsOf(ask(charities, { units: RULES.units, secondary: 'required' }, { YEARS }).get('YEARS'));
    const exact = cellsOf(bare.get('YEARS'));
    const flagged = cellsOf(answered.get('acro01_year_granttype_count'));
    isProtected(cells, exact, withheldOf(flagged));
  });

  test('A10: four grant types pass, and their means add up to 36,293,992', () => {
    const expected = grantTypes('acro09_granttype_mean_sum');
    const [means, sums] = [cellsOf(answered.get('MEANS')), cellsOf(answered.get('SUMS'))];
    expect([...means.keys()].sort()).toEqual(expected.map(({ type }) => type));
    for (const { type, mean, sum } of expected) {
      expect(Math.abs(Number(means.get(type)) - Number(mean))).toBeLessThanOrEqual(Number(mean) * 1e-7);
      expect(Math.abs(Number(sums.get(type)) - Number(sum))).toBeLessThanOrEqual(Number(sum) * 1e-7);
    }
    // The source adds up in single precision, of which 36,293,992 is the nearest number to ours.
    expect(single(String([...means.values()].reduce((sum, mean) => sum + Number(mean), 0)))).toBe(36_293_992);
  });

  test('A08: rounded to 5, totals are the sums of their rounded cells', () => {
    const cells = cellsOf(ask(charities, { ...OPEN, mechanism: { kind: 'round', base: 5, method: 'controlled' } }, { YEARS }).get('YEARS'));
    const expected = crossed('acro07_year_granttype_count_round5');
    expect(cells).toEqual(new Map([...expected].map(([key, value]) => [key, String(Number(value))])));
    expect([cells.get('2010 *'), cells.get('* *')]).toEqual(['155', '930']);
  });

  // The source rounds the finished mean to 5 (an arbitrary number of units of money: N is 134430). Here a sum is rounded to the base
  // times what one unit can contribute at most, a count to the base, and the mean is their quotient: far coarser.
  test('A09: a mean is the quotient of a rounded sum and a rounded count, and so differs from the source’s', () => {
    const rounded = cellsOf(ask(charities, { units: RULES.units, mechanism: { kind: 'round', base: 5, method: 'nearest' } }, { MEANS }).get('MEANS'));
    const [means, sums] = [cellsOf(bare.get('MEANS')), cellsOf(bare.get('SUMS'))];
    const nearest = (value: number, base: number) => Math.round(value / base) * base;
    const expected = grantTypes('acro08_granttype_mean_round5');
    expect(expected).toHaveLength(4);
    for (const { type, mean } of expected) {
      const sum = Number(sums.get(type));
      // Printed with seven digits there.
      expect(Math.abs(nearest(Number(means.get(type)), 5) - Number(mean))).toBeLessThanOrEqual(Number(mean) * 1e-6);
      expect(Number(rounded.get(type))).toBeCloseTo(nearest(sum, 5 * largest) / nearest(sum / Number(means.get(type)), 5), 2);
    }
  });
});

describe('synthetic data in four dimensions', () => {
  const made = caseData('acro_synthetic_4d.csv', { measures: { depvar_dominance: { type: 'integer', min: '0', max: '10000' } } });
  const [one, two, three, four] = ['indvar1', 'indvar2', 'indvar3', 'indvar4'] as const;
  const COUNTS = [
    { id: 'A21', file: 'acro10_synth_2d_count_margins', where: " WHERE indvar3 = 'C' AND indvar4 = 'C'", keys: [one, two], sets: [[one], [two], []], totals: { 'A *': '33', 'B *': '33', 'C *': undefined, '* A': '22', '* C': '22', '* *': '66' } },
    { id: 'A22', file: 'acro11_synth_3d_count_margins', where: " WHERE indvar4 = 'C'", keys: [one, two, three], sets: [[one, two], [three], []], totals: { 'C C *': '22', '* * C': '66', '* * *': '264' } },
    { id: 'A23', file: 'acro12_synth_4d_count_margins', where: '', keys: [one, two, three, four], sets: [[one, two], [three, four], []], totals: { '* * C C': '66', '* * * *': '858' } },
  ] as const;
  const whole = ({ where, keys, sets }: (typeof COUNTS)[number]) => `SELECT ${keys.join(', ')}, count(*) FROM t${where} GROUP BY GROUPING SETS (${[keys, ...sets].map((set) => `(${set.join(', ')})`).join(', ')})`;
  const given = ({ where, keys, sets }: (typeof COUNTS)[number]) => ofGiven(keys.join(', '), `t${where}`, [keys, ...sets].map((set) => `(${set.join(', ')})`).join(', '));
  const LINE = "t WHERE indvar2 = 'C' AND indvar3 = 'C' AND indvar4 = 'C'";
  const A20 = `SELECT indvar1, count(*) FROM ${LINE} GROUP BY ROLLUP (indvar1)`;
  const A24 = 'SELECT indvar1, indvar2, sum(depvar_dominance) FROM t GROUP BY ALL';
  const A25 = 'SELECT indvar1, indvar2, indvar3, indvar4, sum(depvar_dominance) FROM t GROUP BY ALL';
  const questions = { A20, A24, A25, ...Object.fromEntries(COUNTS.map((table) => [table.id, whole(table)])) };
  const keyIn = (row: Row) => keyOf(Object.entries(row).filter(([name]) => /indvar/.test(name)).map(([, value]) => (value === 'All' || value === '' ? null : value)));
  const number = (text: string | undefined) => String(Number(text));

  let answered: ReadonlyMap<string, Answer>;
  let bare: ReadonlyMap<string, Answer>;
  let guarded: ReadonlyMap<string, Answer>;
  let alone: ReadonlyMap<string, ReadonlyMap<string, Answer>>;
  beforeAll(() => {
    answered = ask(made, RULES, { ...questions, 'A20 given': ofGiven('indvar1', LINE, '(indvar1), ()'), ...Object.fromEntries(COUNTS.map((table) => [`${table.id} given`, given(table)])) });
    bare = ask(made, OPEN, questions);
    guarded = ask(made, { ...RULES, secondary: 'required' }, questions);
    alone = new Map(Object.entries(FLAGS).map(([flag, rules]) => [flag, ask(made, rules, { A24, A25 })]));
  });

  test('A20: 11, 11 and 5, of which the third is withheld; 22 over what is given', () => {
    expect(cellsOf(bare.get('A20'))).toEqual(new Map([['A', '11'], ['B', '11'], ['C', '5'], ['*', '27']]));
    expect(cellsOf(answered.get('A20'))).toEqual(new Map([['A', '11'], ['B', '11'], ['C', null], ['*', '27']]));
    expect(cellsOf(answered.get('A20 given'))).toEqual(new Map([['A', '11'], ['B', '11'], ['*', '22']]));
    isProtected(cellsOf(guarded.get('A20')), cellsOf(bare.get('A20')), ['C']);
  });

  describe.each(COUNTS)('$id', ({ id, file, totals }) => {
    const expected = expectedRows(file);
    const flagged = expected.filter((row) => row['flags'] !== '').map(keyIn).sort();

    test('the same numbers, the same three cells', () => {
      expect(flagged).toHaveLength(3);
      const exact = cellsOf(bare.get(id));
      expect(exact).toEqual(new Map(expected.map((row) => [keyIn(row), number(row['raw'])])));
      const cells = cellsOf(answered.get(id));
      expect(withheldOf(cells)).toEqual(flagged);
      for (const [key, value] of cells) if (value !== null) expect(value).toBe(exact.get(key));
    });

    test('over what is given, the source’s totals', () => {
      const cells = cellsOf(answered.get(`${id} given`));
      expect(cells).toEqual(new Map(expected.filter((row) => row['suppressed'] !== '').map((row) => [keyIn(row), number(row['suppressed'])])));
      for (const [key, total] of Object.entries(totals)) expect(cells.get(key)).toBe(total);
    });

    test('with totals of everybody, nothing left to work them out from', () => isProtected(cellsOf(guarded.get(id)), cellsOf(bare.get(id)), flagged));
  });

  /** Each check of the source alone. */
  const FLAGS = { MinimumThresholdCheck: { units: RULES.units }, NKCheck: { ...OPEN, dominance: DOMINANCE.slice(1) }, PPercentCheck: { ...OPEN, dominance: DOMINANCE.slice(0, 1) } };

  describe.each([['A24', 'acro13_synth_2d_dominance_sum', { MinimumThresholdCheck: 0, NKCheck: 1, PPercentCheck: 1 }], ['A25', 'acro14_synth_4d_dominance_sum', { MinimumThresholdCheck: 3, NKCheck: 1, PPercentCheck: 1 }]] as const)('%s', (id, file, counts) => {
    const expected = expectedRows(file);
    const flaggedBy = (flag: string) => expected.filter((row) => row['flags']?.includes(flag)).map(keyIn).sort();

    test('the same numbers, the union of its flags', () => {
      const exact = cellsOf(bare.get(id));
      expect(exact).toEqual(new Map(expected.map((row) => [keyIn(row), number(row['raw'])])));
      if (id === 'A24') expect(exact.get('C C')).toBe('10446');
      const cells = cellsOf(answered.get(id));
      expect(cells).toEqual(new Map(expected.map((row) => [keyIn(row), row['suppressed'] === '' ? null : number(row['suppressed'])])));
      expect(withheldOf(cells)).toEqual(expected.filter((row) => row['flags'] !== '').map(keyIn).sort());
    });

    test.each(Object.entries(counts))('%s alone', (flag, count) => {
      expect(flaggedBy(flag)).toHaveLength(count);
      expect(withheldOf(cellsOf(alone.get(flag)?.get(id)))).toEqual(flaggedBy(flag));
    });
  });
});

/** All of `primaries` are withheld, every number that is given is exact, and no sum along a line is short of a single number. */
function isProtected(cells: ReadonlyMap<string, string | null>, exact: ReadonlyMap<string, string | null>, primaries: readonly string[]): void {
  expect(withheldOf(cells)).toEqual(expect.arrayContaining([...primaries]));
  expect([...cells.keys()].sort()).toEqual([...exact.keys()].sort());
  for (const [key, value] of cells) if (value !== null) expect(value).toBe(exact.get(key));
  const inner = [...cells.keys()].filter((key) => !key.includes('*'));
  for (const total of [...cells.keys()].filter((key) => key.includes('*'))) {
    const fixed = total.split(' ');
    const line = inner.filter((key) => key.split(' ').every((value, i) => fixed[i] === '*' || fixed[i] === value));
    expect(line.reduce((sum, key) => sum + Number(exact.get(key)), 0)).toBe(Number(exact.get(total)));
    expect([total, ...line].filter((key) => cells.get(key) === null), `the line of ${total}`).not.toHaveLength(1);
  }
}

/** A crossing of years and grant types as the source prints it, totals last. */
function crossed(file: string): ReadonlyMap<string, string> {
  return new Map(expectedRows(file).flatMap(({ year = '', ...types }) => Object.entries(types).map(([type, value]) => [keyOf([year, type].map((key) => (key === 'All' ? null : key))), value] as const)));
}

/** Below two more lines of headings. */
function grantTypes(file: string): readonly { readonly type: string; readonly mean: string; readonly sum: string }[] {
  return expectedRows(file).slice(2).map((row) => ({ type: row[''] ?? '', mean: row['mean'] ?? '', sum: row['sum'] ?? '' }));
}
