/** C03 in SQL through the whole path: levels of two declared hierarchies, all crossings in one query. */
import { expect, test } from 'vitest';
import { ask } from '../../attacks/release/trial.ts';
import { readCsv } from '../../support/csv.ts';

const here = import.meta.dirname;

test('C03: primaries of the source are withheld, at most one cell more than there', () => {
  const { rows } = readCsv(`${here}/data/gauss_magnitude1.csv`);
  const lines = (...names: readonly string[]) => `${names.join(',')}\n${rows.map((row) => names.map((name) => row[name]).join(',')).join('\n')}\n`;
  const levels = (fine: string, coarse: string) => `${fine},${coarse}\n${[...new Set(rows.map((row) => `${row[fine]},${row[coarse]}`))].join('\n')}\n`;
  const domain = (name: string) => [...new Set(rows.map((row) => row[name] ?? ''))];
  const made = {
    table: {
      file: 't.csv', units: 'row',
      columns: {
        sector4: { type: 'varchar', role: 'quasi', hierarchy: 'sectors.csv', domain: domain('sector4'), nullable: false },
        geo: { type: 'varchar', role: 'quasi', hierarchy: 'places.csv', domain: domain('geo'), nullable: false },
        value: { type: 'decimal(8,1)', role: 'sensitive', nullable: false },
      },
    },
    files: { 't.csv': lines('sector4', 'geo', 'value'), 'sectors.csv': levels('sector4', 'sector2'), 'places.csv': levels('geo', 'eu') },
  };
  const crossing = ['sector4', 'sector2', null].flatMap((a) => ['geo', 'eu', null].map((b) => {
    const keys = [a, b].filter((name) => name !== null);
    return `SELECT ${a ?? `'Total'`}, ${b ?? `'Total'`}, sum(value) FROM t${keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`}`;
  })).join(' UNION ALL ');
  const answer = ask(made, {
    units: { row: { min: 0 } }, dominance: [{ rule: 'nk', n: 1, k: 80 }, { rule: 'nk', n: 2, k: 99 }], zeros: 'publishable', secondary: 'required',
    dimensions: { 't.sector4': { levels: ['sector4', 'sector2'] }, 't.geo': { levels: ['geo', 'eu'] } },
  }, { crossing }).get('crossing');
  expect(answer?.outcome).toBe('released');
  const withheld = (answer?.withheld ?? []).map(([row]) => `${answer?.rows?.[row]?.[0]} ${answer?.rows?.[row]?.[1]}`);
  const expected = readCsv(`${here}/expected/gauss03_dominance_hier_1_80_2_99.csv`).rows;
  const wanted = (flag: string) => expected.filter((row) => row[flag] === 'TRUE').map((row) => `${row['sector4']} ${row['geo']}`);
  expect(withheld).toEqual(expect.arrayContaining(wanted('primary')));
  expect(withheld.length).toBeLessThanOrEqual(wanted('suppressed').length + 1);
});
