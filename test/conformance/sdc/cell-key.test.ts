/** E01 – E05, E07 (ONS): the published results of both implementations, with their table, through the whole path. */
import { beforeAll, describe, expect, test } from 'vitest';
import { release } from '#sandbox/release/release.ts';
import { ask, type Answer } from '../../attacks/release/trial.ts';
import { readCsv } from '../../support/csv.ts';
import { Domain, refused } from '../../support/dataset.ts';
import { policy } from '../../support/gate.ts';
import { KIND, table } from '../../support/microdata.ts';
import { caseData, cellsOf, expectedRows, keyOf } from './asked.ts';

const MICRO = 'ons_micro.csv';
const rules = (min: number) => ({ mechanism: { kind: 'cell-key', table: 'ons-10-5' }, units: { row: { min } } });

const CASES = [
  { id: 'E01', file: 'ons_r_var1_var5_var8', by: ['var1', 'var5', 'var8'], min: 10, times: 1 },
  { id: 'E02', file: 'ons_py_var1_var5_var8', by: ['var1', 'var5', 'var8'], min: 10, times: 1 },
  { id: 'E03', file: 'ons_py_var1', by: ['var1'], min: 10, times: 1 },
  { id: 'E03', file: 'ons_py_var5', by: ['var5'], min: 10, times: 1 },
  { id: 'E04', file: 'ons_py_var1_var8_thr0', by: ['var1', 'var8'], min: 0, times: 1 },
  { id: 'E05', file: 'ons_py_var2_x3_pcvwrap', by: ['var2'], min: 10, times: 3 },
] as const;
const questionOf = (by: readonly string[]) => `SELECT ${by.join(', ')}, count(*) AS n FROM t GROUP BY ALL`;

let answered: ReadonlyMap<string, Answer>;
beforeAll(() => {
  answered = new Map([[10, 1], [0, 1], [10, 3]].flatMap(([min = 0, times = 1]) => {
    const asked = CASES.filter((one) => one.min === min && one.times === times);
    return [...ask(caseData(MICRO, { recordKey: 'record_key', times }), rules(min), Object.fromEntries(asked.map(({ file, by }) => [file, questionOf(by)])))];
  }));
});

describe.each(CASES)('$id $file', ({ file, by }) => {
  test('the same counts, the same withheld', () => {
    const wanted = expectedRows(file).map((row) => [keyOf(by.map((name) => row[name])), row['count'] === '' ? null : row['count']] as const);
    expect(wanted.length).toBeGreaterThan(1);
    expect(cellsOf(answered.get(file))).toEqual(new Map(wanted));
  });

  test('E07: keys, counts and table positions do not leave', () => {
    const answer = answered.get(file);
    expect(answer?.columns?.map(({ name }) => name)).toEqual([...by, 'n']);
    for (const row of answer?.rows ?? []) expect(row).toHaveLength(by.length + 1);
  });
});

test('E01 in total: 200 cells, 168 withheld, 22 of them empty, 410 left of 1000', () => {
  const cells = cellsOf(answered.get('ons_r_var1_var5_var8'));
  expect(cells.size).toBe(200);
  expect([...cells.values()].filter((n) => n === null)).toHaveLength(168);
  expect([...cells.values()].reduce((sum, n) => sum + Number(n ?? 0), 0)).toBe(410);
  const empty = expectedRows('ons_r_var1_var5_var8').filter((row) => row['pre_sdc_count'] === '0');
  expect(empty).toHaveLength(22);
  for (const row of empty) expect(cells.get(keyOf([row['var1'], row['var5'], row['var8']]))).toBeNull();
});

test('a table that is not installed refuses the gate', () => {
  const rows = readCsv(`${import.meta.dirname}/data/${MICRO}`).rows;
  const mechanism = policy({ mechanism: { kind: 'cell-key', table: 'ons-10-5' }, units: { [KIND]: { min: 10 } } }, 'data');
  const result = release([table(rows, { id: 0, by: ['var1'], recordKey: 'record_key' })], [mechanism]);
  expect(result.ok ? [] : result.error.map(({ code }) => code)).toEqual(['release/no-perturbation-table']);
});

// The source warns of a few missing record keys and refuses where half are missing. Here one is too many: a unit without a
// key would have no noise of its own. Keys made at ingest are never missing.
test('E06: missing record keys are refused at load', async () => {
  const columns = (nullable: boolean) => ({ key: { type: 'integer', role: 'plain' as const, nullable }, a: { type: 'varchar', role: 'quasi' as const } });
  const load = async (nullable: boolean) => refused(await new Domain().load({ t: { file: 't.csv', units: 'row', recordKey: 'key', columns: columns(nullable) } }, { 't.csv': 'key,a\n1,x\n,y\n,x\n' }));
  for (const nullable of [false, true]) {
    const problems = await load(nullable);
    expect(new Set(problems.map(({ column, line }) => `${column} ${line}`))).toEqual(new Set(['key 3']));
  }
});
