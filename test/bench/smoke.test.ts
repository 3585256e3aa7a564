/** The benchmarks run and report what they promise. No time is asserted: that depends on the machine. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Report } from '../../bench/measure.ts';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

interface Answer {
  readonly scale: { readonly name: string };
  readonly reports: readonly Report[];
}

async function bench(...args: readonly string[]): Promise<Answer> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', MAIN, '--smoke', '--json', ...args], { maxBuffer: 16 * 2 ** 20 });
  return JSON.parse(stdout) as Answer;
}

/** Tables with a value in every place, and numbers that are numbers. */
function expectWhole({ question, method, load, tables }: Report): void {
  expect(question).not.toBe('');
  expect(method).not.toBe('');
  expect(load.every(Number.isFinite)).toBe(true);
  expect(tables.length).toBeGreaterThan(0);
  for (const { columns, rows } of tables) {
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row).toHaveLength(columns.length);
      for (const value of row) expect(value).not.toBeNull();
    }
  }
}

test('ratios to plain DuckDB, the store, the gate, growth and withdrawn units', async () => {
  const { scale, reports } = await bench('ratio', 'store', 'gate', 'growth', 'withdrawals');
  expect(scale.name).toBe('smoke');
  expect(reports).toHaveLength(5);
  reports.forEach(expectWhole);
  // Every path is reported, and the certified one among them.
  const paths = reports[0]?.tables.filter(({ title }) => title.endsWith('by path')).flatMap(({ rows }) => rows.map(([path]) => path));
  expect(paths).toContain('many rows per unit, certified, threshold and dominance');
  expect(paths).toHaveLength(9);
});

test('jobs over HTTP and the memory of the processes', async () => {
  const { reports: [report] } = await bench('jobs');
  if (report === undefined) throw new Error('no report');
  expectWhole(report);
  expect(report.tables.at(-1)?.rows.map(([, process]) => process)).toEqual(expect.arrayContaining(['server', 'worker of the grant', 'spare worker']));
});

test('jobs beside a hostile operator', async () => {
  const { reports } = await bench('hostile');
  expect(reports).toHaveLength(1);
  reports.forEach(expectWhole);
});

test('what is not a benchmark is refused', async () => {
  await expect(bench('nothing')).rejects.toMatchObject({ code: 2 });
});
