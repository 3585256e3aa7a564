/** Refusal by construction, for the shapes of the syntax tree: an engine that knows another kind of node fails here first. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPRESSIONS, readTree, TABLES } from '#sandbox/sql/ast.ts';
import { CAPS } from '#sandbox/sql/limits.ts';
import { lowerExpression } from '#sandbox/sql/lower-expression.ts';
import { Lowering } from '#sandbox/sql/lower.ts';
import { Refusals } from '#sandbox/sql/refusals.ts';
import { parseOn } from '../../../support/sql/through-gate.ts';
import * as syntax from './syntax.ts';
import type { Decision } from './syntax.ts';

let connection: DuckDBConnection;
let instance: DuckDBInstance;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(() => { connection.closeSync(); instance.closeSync(); });

test('the lists are those of the engine that is installed', async () => {
  expect((await connection.runAndReadAll('SELECT version()')).getRows()).toEqual([[syntax.VERSION]]);
});

/** Lists by the field of the tree that names their kinds. */
const LISTS: readonly (readonly [string, readonly string[], Readonly<Record<string, Decision>>])[] = [
  ['expression class', ['class'], syntax.EXPRESSION_CLASSES], ['expression type', ['type'], syntax.EXPRESSION_TYPES], ['table reference', ['type'], syntax.TABLE_REFERENCES],
  ['query node', ['type'], syntax.QUERY_NODES], ['result modifier', ['type'], syntax.RESULT_MODIFIERS], ['join type', ['join_type'], syntax.JOIN_TYPES],
  ['join reference', ['ref_type'], syntax.JOIN_REFERENCES], ['subquery type', ['subquery_type'], syntax.SUBQUERY_TYPES], ['set operation', ['setop_type'], syntax.SET_OPERATIONS],
  ['window boundary', ['start', 'end'], syntax.WINDOW_BOUNDARIES],
];

const CASES = LISTS.flatMap(([list, fields, decisions]) => Object.entries(decisions).flatMap(([kind, decision]) => (decision === 'internal' ? [] : [{ list, kind, fields, decision }])));

test.each(CASES)('$list $kind', async ({ kind, fields, decision }) => {
  const accepted = 'accepted' in decision;
  const json = await parseOn(connection, accepted ? decision.accepted : decision.refused);
  const tree = readTree(json ?? 'null');
  expect(valuesOf(tree, fields), 'the example has the node').toContain(kind);
  const refusals = new Refusals();
  new Lowering(() => null, CAPS, refusals).statement(tree);
  expect(refusals.all.map(({ code }) => code)).toEqual(accepted ? [] : [decision.code]);
});

describe('what no text leads to is refused all the same', () => {
  const head = { alias: '', query_location: '0' };
  test.each(Object.entries(syntax.EXPRESSION_CLASSES).flatMap(([kind, decision]) => (decision === 'internal' ? [kind] : [])))('class %s', (kind) => {
    for (const type of Object.keys(syntax.EXPRESSION_TYPES)) {
      const refusals = new Refusals();
      expect(lowerExpression(new Lowering(() => null, CAPS, refusals), { class: kind, type, ...head }).kind).toBe('refused');
      expect(refusals.none).toBe(false);
    }
  });
  test.each(Object.entries(syntax.EXPRESSION_TYPES).flatMap(([type, decision]) => (decision !== 'internal' && 'accepted' in decision ? [] : [type])))('type %s', (type) => {
    for (const kind of Object.keys(EXPRESSIONS)) {
      // WINDOW alone names its functions by their own names instead.
      if (kind === 'WINDOW') continue;
      const refusals = new Refusals();
      expect(lowerExpression(new Lowering(() => null, CAPS, refusals), { class: kind, type, ...head, children: [], left: null, right: null }).kind).toBe('refused');
    }
  });
  test('the schemas accept what the lists accept, and nothing else', () => {
    const accepted = (decisions: Readonly<Record<string, Decision>>): string[] => Object.entries(decisions).flatMap(([kind, decision]) => (decision !== 'internal' && 'accepted' in decision ? [kind] : [])).sort();
    expect(Object.keys(EXPRESSIONS).sort()).toEqual(accepted(syntax.EXPRESSION_CLASSES));
    expect(Object.keys(TABLES).sort()).toEqual(accepted(syntax.TABLE_REFERENCES));
  });
});

function valuesOf(tree: unknown, fields: readonly string[]): string[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const own = fields.flatMap((field) => {
    const value = (tree as Record<string, unknown>)[field];
    return typeof value === 'string' ? [value] : [];
  });
  return [...own, ...Object.values(tree).flatMap((part) => valuesOf(part, fields))];
}
