/**
 * Refusal by construction, for functions: every function of the installed engine is either a row of the gate's tables or a line
 * of `refused-functions.json`, and what is listed there is refused for real. An engine that adds a function fails here first.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGGREGATES } from '#sandbox/sql/functions/aggregates.ts';
import { SCALARS } from '#sandbox/sql/functions/scalars.ts';
import { WINDOWS } from '#sandbox/sql/functions/windows.ts';
import { OPERATORS } from '#sandbox/sql/query.ts';
import { LAB } from '../../../differential/data.ts';
import { openTables, pin, type TestData } from '../../../support/sql/tables.ts';
import { compileOn } from '../../../support/sql/through-gate.ts';
import refused from './refused-functions.json' with { type: 'json' };
import { VERSION } from './syntax.ts';

type Kind = 'aggregate' | 'macro' | 'pragma' | 'scalar' | 'table' | 'table_macro';

let tables: TestData;
beforeAll(async () => { tables = await openTables(LAB, {}); });
afterAll(() => { tables.close(); });

const codesOf = async (sql: string): Promise<readonly string[]> => {
  const compiled = await compileOn(tables.connection, [pin(LAB)], sql);
  return compiled.ok ? ['accepted'] : [...new Set(compiled.error.map(({ code }) => code))];
};

const quoted = (name: string): string => `"${name}"`;
const isName = (name: string): boolean => /^\w+$/.test(name);

test('each function of the engine is in exactly one list', async () => {
  expect(refused.version).toBe(VERSION);
  const installed = (await tables.connection.runAndReadAll('SELECT DISTINCT function_type, function_name FROM duckdb_functions()')).getRows() as [Kind, string][];
  const accepted = new Set([...SCALARS.keys(), ...AGGREGATES.keys(), ...WINDOWS.keys()]);
  const callable: readonly Kind[] = ['scalar', 'aggregate', 'macro'];
  const lists = installed.map(([kind, name]) => ({ name: `${kind} ${name}`, in: Number(callable.includes(kind) && accepted.has(name)) + Number(refused[kind].includes(name)) }));
  expect(lists.filter((entry) => entry.in !== 1)).toEqual([]);
  const known = new Set(installed.map(([kind, name]) => `${kind} ${name}`));
  const stale = callable.concat('pragma', 'table', 'table_macro').flatMap((kind) => refused[kind].map((name) => `${kind} ${name}`)).filter((entry) => !known.has(entry));
  expect(stale, 'refused, but unknown to the engine').toEqual([]);
  expect([...accepted].filter((name) => !installed.some(([kind, other]) => other === name && callable.includes(kind))), 'accepted, but unknown to the engine').toEqual([]);
});

test('a name has one meaning', () => {
  expect([...SCALARS.keys()].filter((name) => AGGREGATES.has(name) || WINDOWS.has(name))).toEqual([]);
  expect([...AGGREGATES.keys()].filter((name) => WINDOWS.has(name))).toEqual([]);
  expect([...SCALARS.values()].filter(({ operator }) => operator).map(({ name }) => name).sort()).toEqual([...OPERATORS].sort());
});

describe('refused for real', () => {
  test.each(['scalar', 'macro', 'aggregate'] as const)('%s functions, below and above the gate and over windows', async (kind) => {
    for (const name of refused[kind]) {
      expect(await codesOf(`SELECT count(*) FROM lab.people p WHERE ${quoted(name)}(p.note) IS NULL`), name).toEqual(['bind/unknown-function']);
      expect(await codesOf(`SELECT ${quoted(name)}(t.n) FROM (SELECT count(*) AS n FROM lab.people) t`), name).toEqual(['bind/unknown-function']);
      if (kind === 'aggregate') expect(await codesOf(`SELECT ${quoted(name)}(t.n) OVER () FROM (SELECT count(*) AS n FROM lab.people) t`), name).toEqual(['bind/unknown-function']);
    }
  }, 120_000);

  test('operators', async () => {
    for (const name of refused.scalar.filter((each) => !isName(each))) {
      const codes = await codesOf(`SELECT count(*) FROM lab.people p WHERE (p.born ${name} p.income) IS NULL`);
      // A few have a form in the tree, or none in the grammar.
      expect(codes.some((code) => ['sql/operator', 'sql/unsupported', 'sql/lambda', 'bind/unknown-function', 'parse/syntax'].includes(code)), `${name}: ${codes.join()}`).toBe(true);
    }
  });

  test.each(['table', 'table_macro'] as const)('%s functions', async (kind) => {
    for (const name of refused[kind]) expect(await codesOf(`SELECT count(*) FROM ${quoted(name)}('x')`), name).toEqual(['sql/table-function']);
  });

  test('pragmas', async () => {
    for (const name of refused.pragma) {
      expect(await codesOf(`PRAGMA ${name}`), name).toSatisfy((codes: string[]) => codes.every((code) => code.startsWith('parse/') || code === 'sql/show'));
      expect(await codesOf(`SELECT ${quoted(name)}()`), name).toSatisfy((codes: string[]) => !codes.includes('accepted') || SCALARS.has(name));
    }
  });
});
