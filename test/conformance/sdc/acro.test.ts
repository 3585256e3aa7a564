/** A01 – A05, A10, A20 – A25 (ACRO): the union of what its checks flag is what is withheld. Each row is a unit. */
import { describe, expect, test } from 'vitest';
import { release } from '#sandbox/release/release.ts';
import { readCsv } from '../../support/csv.ts';
import { policy } from '../../support/gate.ts';
import { KIND, table } from '../../support/microdata.ts';
import type { Row } from '../../support/microdata.ts';

const here = import.meta.dirname;
const charities = readCsv(`${here}/data/acro_test_data.csv`).rows;
const synthetic = readCsv(`${here}/data/acro_synthetic_4d.csv`).rows;
const rules = policy({ units: { [KIND]: { min: 10 } }, dominance: [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 90 }] }, 'data');

function released(rows: readonly Row[], by: readonly string[], sum?: string) {
  const result = release([table(rows, { id: 0, by, scale: 4, ...(sum === undefined ? {} : { sum }) })], [rules]);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.tables[0]?.load.rows ?? [];
}

const CASES = [
  { id: 'A01', file: 'acro01_year_granttype_count', by: ['year', 'grant_type'], sum: undefined, flagged: 6 },
  { id: 'A02', file: 'acro02_year_granttype_mean_incgrants', by: ['year', 'grant_type'], sum: 'inc_grants', flagged: 7 },
  { id: 'A03', file: 'acro03_year_granttype_sum_incgrants', by: ['year', 'grant_type'], sum: 'inc_grants', flagged: 7 },
  { id: 'A04', file: 'acro04_year_survivor_count', by: ['year', 'survivor'], sum: undefined, flagged: 0 },
  { id: 'A05', file: 'acro05_survivor_granttype_mean', by: ['survivor', 'grant_type'], sum: 'inc_grants', flagged: 2 },
];

describe.each(CASES)('$id', ({ file, by, sum, flagged }) => {
  const expected = readCsv(`${here}/expected/${file}.csv`).rows;
  const withheld = released(charities, by, sum).filter((row) => row.at(-1) === true).map((row) => `${row[0]} ${row[1]}`).sort();

  test('the same cells', () => {
    const wanted = expected.filter((row) => ['threshold', 'p_ratio', 'nk'].some((flag) => row[flag] === 'True')).map((row) => `${row['row']} ${row['col']}`).sort();
    expect(wanted).toHaveLength(flagged);
    expect(withheld).toEqual(wanted);
  });
});

test('A10: four grant types pass', () => {
  expect(released(charities, ['grant_type'], 'inc_grants').map((row) => row.at(-1))).toEqual([false, false, false, false]);
});

describe('synthetic data in four dimensions', () => {
  const within = (fixed: Readonly<Record<string, string>>) => synthetic.filter((row) => Object.entries(fixed).every(([name, value]) => row[name] === value));

  test.each([
    ['A20', within({ indvar2: 'C', indvar3: 'C', indvar4: 'C' }), ['indvar1'], undefined, 1],
    ['A21', within({ indvar3: 'C', indvar4: 'C' }), ['indvar1', 'indvar2'], undefined, 3],
    ['A22', within({ indvar4: 'C' }), ['indvar1', 'indvar2', 'indvar3'], undefined, 3],
    ['A23', synthetic, ['indvar1', 'indvar2', 'indvar3', 'indvar4'], undefined, 3],
    ['A24', synthetic, ['indvar1', 'indvar2'], 'depvar_dominance', 1],
  ] as const)('%s', (id, rows, by, sum, withheld) => {
    expect(released(rows, by, sum).filter((row) => row.at(-1) === true), id).toHaveLength(withheld);
  });

  test('A25: the cells that the source flags', () => {
    const flagged = readCsv(`${here}/expected/acro14_synth_4d_dominance_sum.csv`).rows.filter((row) => row['flags'] !== '').map((row) => [row['row_indvar1'], row['row_indvar2'], row['col_indvar3'], row['col_indvar4']].join(' '));
    expect(flagged.length).toBeGreaterThan(0);
    expect(released(synthetic, ['indvar1', 'indvar2', 'indvar3', 'indvar4'], 'depvar_dominance').filter((row) => row.at(-1) === true).map((row) => row.slice(0, 4).join(' '))).toEqual(flagged.sort());
  });

  test('A24 by name: (C, C) is dominated', () => {
    expect(released(synthetic, ['indvar1', 'indvar2'], 'depvar_dominance').filter((row) => row.at(-1) === true).map((row) => row.slice(0, 2))).toEqual([['C', 'C']]);
  });
});

describe('with totals', () => {
  const crossing = [['year', 'grant_type'], ['year'], ['grant_type'], []];
  const gates = (rows: readonly Row[]) => crossing.map((by, id) => table(rows, { id, by }));
  const tables = (statistics: Record<string, unknown>) => {
    const result = release(gates(charities), [policy({ units: { [KIND]: { min: 10 } }, ...statistics }, 'data')]);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value.tables.map(({ load }) => load.rows);
  };

  test('A06: as they are', () => {
    const [, years, types, all] = tables({ units: { [KIND]: { min: 0 } } });
    expect(years?.map((row) => row[1])).toEqual(Array.from({ length: 6 }, () => '153'));
    expect(types?.map((row) => row[1])).toEqual(['90', '354', '426', '48']);
    expect(all).toEqual([['918', false]]);
  });

  // The source blanks the cells and adds the totals up without them: 145 for a year. Here a total is of everybody or withheld, and
  // further cells are withheld until no R/G can be worked out: never fewer than the source's six.
  test('A07: R/G withheld, and nothing left to work it out from', () => {
    const [cells, years, types, all] = tables({ secondary: 'required' });
    const hidden = new Set(cells?.filter((row) => row[3] === true).map((row) => `${row[0]} ${row[1]}`));
    const perYear = [...new Set(charities.map(({ year = '' }) => year))];
    expect(perYear.every((year) => hidden.has(`${year} R/G`))).toBe(true);
    for (const [year, n, withheld] of years ?? []) {
      expect(withheld === true || [...hidden].filter((name) => name.startsWith(`${year} `)).length > 1).toBe(true);
      if (withheld !== true) expect(n).toBe('153');
    }
    expect([...(types ?? []), ...(all ?? [])].filter((row) => row.at(-1) === false).map((row) => row.at(-2)).every((n) => ['90', '354', '426', '48', '918'].includes(String(n)))).toBe(true);
  });
});

// The source rounds the finished mean to 5 (an arbitrary number of units of money: N is 134430). Here a sum is rounded to the base
// times what one unit can contribute at most, a count to the base, and the mean is their quotient.
test('A09: a mean is the quotient of a rounded sum and a rounded count, and so differs from the source’s', () => {
  const largest = charities.reduce((most, { inc_grants = '' }) => Math.max(most, Number(inc_grants || 0)), 0);
  const declared = BigInt(Math.ceil(largest)) * 10_000n;
  const gate = table(charities, { id: 0, by: ['grant_type'], sum: 'inc_grants', scale: 4, largest: declared, outputs: [{ name: 'm', type: 'DOUBLE', statistic: 'avg', terms: [{ coefficient: '1', measure: 1 }], count: 1 }] });
  const result = release([gate], [policy({ units: { [KIND]: { min: 10 } }, mechanism: { kind: 'round', base: 5, method: 'nearest' } }, 'data')]);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const exact = new Map(gate.cells.map(({ keys: [type], evidence: [, total] }) => [type, { n: Number(total?.count), sum: Number(total?.sum) / 10_000 }]));
  for (const [type, mean] of result.value.tables[0]?.load.rows ?? []) {
    const { n, sum } = exact.get(type ?? null) ?? { n: 0, sum: 0 };
    const base = 5 * (Number(declared) / 10_000);
    expect(Number(mean)).toBeCloseTo((Math.round(sum / base) * base) / (Math.round(n / 5) * 5), 2);
  }
});
