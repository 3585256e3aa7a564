/** The cases in SQL through the whole path (ingest, gate, worker, release): what `sluice try` answers for them. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCsv } from '../../support/csv.ts';

const here = import.meta.dirname;
const root = join(here, '../../..');
const homes: string[] = [];
afterAll(() => homes.forEach((home) => rmSync(home, { recursive: true, force: true })));

interface Answer {
  readonly id: string;
  readonly outcome: string;
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly withheld: readonly (readonly [number, number])[];
}

/** Columns with few values are declared with their domain, so that their keys are public; the rest are measures. */
function answers(file: string, measures: Readonly<Record<string, string>>, recordKey: string | null, statistics: Record<string, unknown>, questions: Readonly<Record<string, string>>): ReadonlyMap<string, Answer> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-sdc-'));
  homes.push(home);
  copyFileSync(`${here}/data/${file}`, join(home, file));
  const { header, rows } = readCsv(`${here}/data/${file}`);
  const columns = Object.fromEntries(header.map((name) => {
    if (name in measures) return [name, { type: measures[name], role: 'sensitive', min: '-1000000000', max: '1000000000', nullable: true }];
    const values = [...new Set(rows.map((row) => row[name] ?? ''))];
    const plain = name === recordKey || values.length > 50 || values.includes('');
    return [name, plain ? { type: name === recordKey ? 'integer' : 'varchar', role: 'plain', nullable: values.includes('') } : { type: 'varchar', role: 'quasi', domain: values.sort() }];
  }));
  writeFileSync(join(home, 'dataset.json'), JSON.stringify({ id: 'cases', tables: { t: { file, units: 'row', columns, ...(recordKey === null ? {} : { recordKey }) } } }));
  writeFileSync(join(home, 'policy.json'), JSON.stringify({
    policy: 'cases', version: 1, dataset: 'cases',
    statistics: { mechanism: { kind: 'suppress' }, dimensions: 'any', measures: 'any', joins: 'any', ...statistics },
  }));
  writeFileSync(join(home, 'questions.jsonl'), Object.entries(questions).map(([id, sql]) => JSON.stringify({ id, sql })).join('\n'));
  const run = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), 'try', '--dataset', home, '--policy', join(home, 'policy.json'), '--batch', join(home, 'questions.jsonl'), '--json'], { encoding: 'utf8', cwd: home });
  const lines = run.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Answer);
  if (lines.length !== Object.keys(questions).length) throw new Error(run.stderr.slice(0, 2000));
  return new Map(lines.map((line) => [line.id, line]));
}

const withheldKeys = (answer: Answer | undefined, keys: number): readonly string[] => {
  if (answer?.outcome !== 'released') throw new Error(JSON.stringify(answer).slice(0, 1000));
  return [...new Set(answer.withheld.map(([row]) => answer.rows[row]?.slice(0, keys).join(' ') ?? ''))].sort();
};

describe('ACRO', () => {
  let answered: ReadonlyMap<string, Answer>;
  beforeAll(() => {
    answered = answers('acro_test_data.csv', { inc_grants: 'double' }, null, {
      units: { row: { min: 10 } }, dominance: [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 90 }],
    }, {
      acro01_year_granttype_count: 'select year, grant_type, count(*) from t group by all',
      acro02_year_granttype_mean_incgrants: 'select year, grant_type, avg(inc_grants) from t group by all',
      acro03_year_granttype_sum_incgrants: 'select year, grant_type, sum(inc_grants) from t group by all',
      acro04_year_survivor_count: 'select year, survivor, count(*) from t group by all',
      acro05_survivor_granttype_mean: 'select survivor, grant_type, avg(inc_grants) from t group by all',
    });
  });

  test.each(['acro01_year_granttype_count', 'acro02_year_granttype_mean_incgrants', 'acro03_year_granttype_sum_incgrants', 'acro04_year_survivor_count', 'acro05_survivor_granttype_mean'])('%s', (id) => {
    const wanted = readCsv(`${here}/expected/${id}.csv`).rows.filter((row) => ['threshold', 'p_ratio', 'nk'].some((flag) => row[flag] === 'True')).map((row) => `${row['row']} ${row['col']}`).sort();
    expect(withheldKeys(answered.get(id), 2)).toEqual(wanted);
  });
});

describe('ONS', () => {
  let answered: ReadonlyMap<string, Answer>;
  beforeAll(() => {
    answered = answers('ons_micro.csv', {}, 'record_key', { mechanism: { kind: 'cell-key', table: 'ons-10-5' }, units: { row: { min: 10 } } }, {
      ons_r_var1_var5_var8: 'select var1, var5, var8, count(*) from t group by all',
      ons_py_var1: 'select var1, count(*) from t group by all',
      ons_py_var5: 'select var5, count(*) from t group by all',
    });
  });

  test.each(['ons_r_var1_var5_var8', 'ons_py_var1', 'ons_py_var5'])('%s', (id) => {
    const expected = readCsv(`${here}/expected/${id}.csv`);
    const keys = expected.header.filter((name) => name.startsWith('var'));
    const wanted = expected.rows.map((row) => [...keys.map((name) => row[name]), row['count'] === '' ? null : row['count']].join(' ')).sort();
    expect(answered.get(id)?.rows.map((row) => row.join(' ')).sort()).toEqual(wanted);
  });
});

describe('GaussSuppression', () => {
  let answered: ReadonlyMap<string, Answer>;
  const crossing = (sum: string) => [['sector4', 'geo'], ['sector4', "'Total'"], ["'Total'", 'geo'], ["'Total'", "'Total'"]]
    .map(([a, b]) => `select ${a} a, ${b} b, ${sum} from t ${[a, b].every((x) => x === "'Total'") ? '' : `group by ${[a, b].filter((x) => x !== "'Total'").join(', ')}`}`).join(' union all ');
  beforeAll(() => {
    answered = answers('gauss_magnitude1.csv', { value: 'decimal(8,1)' }, null, { units: { row: { min: 2 } }, zeros: 'publishable', secondary: 'required' }, { C01: crossing('sum(value)') });
  });

  test('C01: primaries of the source, at most one secondary more', () => {
    const withheld = withheldKeys(answered.get('C01'), 2);
    expect(withheld).toEqual(expect.arrayContaining(['Entertainment Iceland', 'Industry Spain']));
    const expected = readCsv(`${here}/expected/gauss01_few_contributors_maxN1.csv`).rows.filter((row) => row['suppressed'] === 'TRUE').length;
    expect(withheld.length).toBeLessThanOrEqual(expected + 1);
  });
});
