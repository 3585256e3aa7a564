/**
 * Golden pairs: a query of an operator, and what is executed for it. The text shows every change of the planner; that the
 * change is right is shown by executing both under the policy that protects nothing. `UPDATE_GOLDEN=1` writes the texts anew.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompiledQuery } from '#sandbox/sql/compile.ts';
import { difference } from '../../support/same-result.ts';
import { CITY, cityData } from '../../support/sql/city.ts';
import { plain, rawResult } from '../../support/sql/raw.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { compileOn, runCompiled } from '../../support/sql/through-gate.ts';

const DIRECTORY = new URL('../../golden/sql/', import.meta.url).pathname;
const QUERIES = globSync('*.sql', { cwd: DIRECTORY }).filter((file) => !file.endsWith('.plan.sql')).sort();

let data: TestData;
beforeAll(async () => {
  data = await openTables(CITY, cityData());
  await data.connection.run('SET search_path = city');
});
afterAll(() => data.close());

/** One statement a line, with what it is for. */
function show({ gates, rest }: CompiledQuery): string {
  const lines = gates.flatMap(({ spec, sql, universe }) => [
    `-- gate ${spec.id}: ${spec.kinds.join(', ')}; ${spec.measures.map(({ id, of, conditions }) => `${id} = ${of.kind === 'rows' ? 'rows' : `${of.column} in 10^-${of.scale}`}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`).join('; ')}`,
    `${sql};`,
    ...(universe === null ? [] : ['-- its keys', `${universe};`]),
  ]);
  return [...lines, '-- rest', `${rest.sql};`, ''].join('\n');
}

describe('golden', () => {
  test.each(QUERIES)('%s', async (file) => {
    const sql = readFileSync(join(DIRECTORY, file), 'utf8');
    const compiled = await compileOn(data.connection, [pin(CITY)], sql);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
    const plan = join(DIRECTORY, `${basename(file, '.sql')}.plan.sql`);
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(plan, show(compiled.value));
    expect(show(compiled.value)).toBe(readFileSync(plan, 'utf8'));

    const result = await runCompiled(data.connection, [pin(CITY)], compiled.value);
    const reference = await rawResult(data.connection, sql);
    expect(difference(plain(result), reference, false)).toBeNull();
    expect(result.columns.map(({ type }) => type)).toEqual(compiled.value.rest.columns.map(({ type }) => type));
    expect(result.withheld).toEqual([]);
  });
});

test('a query and its plan come in pairs', () => {
  const plans = globSync('*.plan.sql', { cwd: DIRECTORY }).map((file) => file.replace('.plan.sql', '.sql')).sort();
  expect(plans).toEqual(QUERIES);
});
