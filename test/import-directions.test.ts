/** The table of import directions (architecture): two planes that share the contract only, and one importer of the engine. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const files = globSync(['contract/**/*.ts', 'src/**/*.ts', 'sandbox/**/*.ts'], { cwd: ROOT });

/** What a file imports: a place in the project (`sandbox/sql/lower.ts`) or a package (`zod`, `node:fs`). */
function importsOf(file: string): readonly string[] {
  const source = readFileSync(`${ROOT}${file}`, 'utf8');
  return [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, target = '']) => {
    if (target.startsWith('#')) return target.slice(1);
    return target.startsWith('.') ? relative(ROOT, normalize(`${ROOT}${dirname(file)}/${target}`)) : target;
  });
}

const isPackage = (target: string): boolean => target.startsWith('node:') || !/^(contract|src|sandbox|test|demo|bench|datasets|policies|package\.json)(\/|$)/.test(target);
const below = (...folders: string[]) => (target: string): boolean => folders.some((folder) => target.startsWith(`${folder}/`));

/** Files of `of`, but not of `except`, may not import what `never` says. */
const RULES: readonly { readonly rule: string; readonly of: string; readonly except?: string; readonly never: (target: string) => boolean }[] = [
  { rule: 'the contract imports zod and hashes only', of: 'contract', never: (target) => !below('contract')(target) && target !== 'zod' && !target.startsWith('@noble/hashes/') },
  { rule: 'the control plane does not import the data plane', of: 'src', never: below('sandbox') },
  { rule: 'the data plane does not import the control plane', of: 'sandbox', never: below('src') },
  { rule: 'the control plane does not import DuckDB', of: 'src', never: (target) => target.startsWith('@duckdb/') },
  { rule: 'only engine imports DuckDB or Arrow in the data plane', of: 'sandbox', except: 'sandbox/engine', never: (target) => target.startsWith('@duckdb/') || target === 'apache-arrow' },
  { rule: 'disclosure-control rules stand alone', of: 'sandbox/sdc', never: below('sandbox/deidentify', 'sandbox/sql', 'sandbox/engine', 'sandbox/ingest') },
  { rule: 'de-identification stands alone', of: 'sandbox/deidentify', never: below('sandbox/sdc', 'sandbox/sql', 'sandbox/release') },
  { rule: 'the release sees no raw table', of: 'sandbox/release', never: below('sandbox/engine', 'sandbox/ingest', 'sandbox/jobs') },
  { rule: 'nothing of the product imports tests, demonstrations or benchmarks', of: '', never: below('test', 'demo', 'bench') },
];

describe.each(RULES)('$rule', ({ of, except, never }) => {
  const concerned = files.filter((file) => file.startsWith(of === '' ? '' : `${of}/`) && (except === undefined || !file.startsWith(`${except}/`)));
  test('holds', () => {
    expect(concerned.length).toBeGreaterThan(0);
    expect(concerned.flatMap((file) => importsOf(file).filter(never).map((target) => `${file} imports ${target}`))).toEqual([]);
  });
});

test('imports are found in every form', () => {
  expect(importsOf('sandbox/engine/instance.ts').some((target) => target.startsWith('@duckdb/'))).toBe(true);
  expect(importsOf('contract/policy.ts')).toContain('contract/name.ts');
  expect(files.flatMap(importsOf).filter(isPackage)).toContain('zod');
});
