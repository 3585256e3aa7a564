/** Printer closure: whatever the syntactic form can say, the printed text is read back as exactly that, hostile names and values included. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTree } from '#sandbox/sql/ast.ts';
import { CAPS } from '#sandbox/sql/limits.ts';
import { Lowering } from '#sandbox/sql/lower.ts';
import { flatten, negate } from '#sandbox/sql/normal.ts';
import { printExpr, printQuery } from '#sandbox/sql/print.ts';
import { COMPARISONS, DEFAULT_FRAME, OPERATORS, sameQuery, type Expr, type Frame, type From, type OrderTerm, type Query, type Select } from '#sandbox/sql/query.ts';
import { Refusals } from '#sandbox/sql/refusals.ts';
import { groupBy } from '#sandbox/sql/plan/syntax.ts';
import fc from '../../support/fast-check.ts';
import { parseOn } from '../../support/sql/through-gate.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(() => connection.closeSync());

const at = null;
const WIDE = { ...CAPS, depth: 400, nesting: 60, joins: 500, subqueries: 500, setOperations: 500, nodes: 1_000_000, groupingSets: 500 };

async function readBack(text: string): Promise<Query | null> {
  const json = await parseOn(connection, text);
  return json === null ? null : new Lowering(() => null, WIDE, new Refusals()).statement(readTree(json));
}

const HOSTILE = ['a', 'A', 'select', 'from', '"', '""', '"; DROP TABLE x; --', "it's", 'a b', '人数', 'a\u00a0b', '\u3000', '\u200b', 'a.b', 'x"y".z', '/* c */', '-- c', '\\', '$1', '?', '%', '{', '😀', 'e\u0301', 'rowid', '*', 'NULL', 'true', 'main', 'U&"a"'];
const identifier = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => !text.includes('\0') && text.isWellFormed()));
const textValue = fc.oneof(fc.constantFrom("'", "''", "'; --", '\n', '\t', '\\', "\\'", '$$', "E'a'", '', ...HOSTILE), fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0') && text.isWellFormed()));

/** Integers with the type that the parser gives them. */
const integer = fc.bigInt({ min: -(2n ** 127n) + 1n, max: 2n ** 127n - 1n }).map((n): Expr => {
  const type = n >= -(2n ** 31n) && n < 2n ** 31n ? 'INTEGER' : n >= -(2n ** 63n) && n < 2n ** 63n ? 'BIGINT' : 'HUGEINT';
  return { kind: 'literal', type, value: n.toString(), at };
});
const decimal = fc.tuple(fc.boolean(), fc.stringMatching(/^[1-9]\d{0,17}$/), fc.stringMatching(/^\d{0,19}$/)).map(([negative, whole, fraction]): Expr => ({
  kind: 'literal', type: `DECIMAL(${whole.length + fraction.length},${fraction.length})`, value: `${negative ? '-' : ''}${whole}.${fraction}`, at,
}));
const literal: fc.Arbitrary<Expr> = fc.oneof(
  integer, decimal,
  fc.constantFrom('9007199254740993', '-9223372036854775808', '2147483648').map((value): Expr => ({ kind: 'literal', type: 'BIGINT', value, at })).filter((expr) => expr.kind === 'literal'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): Expr => ({ kind: 'literal', type: 'DOUBLE', value: String(Object.is(value, -0) ? 0 : value), at })),
  textValue.map((value): Expr => ({ kind: 'literal', type: 'VARCHAR', value, at })),
  fc.boolean().map((value): Expr => ({ kind: 'literal', type: 'BOOLEAN', value: String(value), at })),
  fc.constant<Expr>({ kind: 'literal', type: 'NULL', value: null, at }),
);
const column = fc.array(identifier, { minLength: 1, maxLength: 3 }).map((path): Expr => ({ kind: 'column', path, at }));

const isNumeric = (expr: Expr): boolean => expr.kind === 'literal' && /INT|DEC|DOUBLE/.test(expr.type);
/** The parser writes names of functions in lower case, and gives some a meaning of their own. */
const functionName = fc.constantFrom('sum', 'lower', 'ünïcode', 'a b', 'f"; --', 'max', 'date_part', 'row_', '函数');

/** The parser writes names of window functions in lower case. */
const windowName = fc.constantFrom('sum', 'a b', 'f"; --', '函数');

/** Where two forms begin to differ, for people. */
function difference(a: unknown, b: unknown, path = ''): string {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b ? '' : `${path}: ${JSON.stringify(a)} became ${JSON.stringify(b)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], `${path}.${key}`);
    if (found !== '') return found;
  }
  return '';
}

const { expr, query } = fc.letrec<{ expr: Expr; query: Query }>((tie) => {
  const part = tie('expr') as fc.Arbitrary<Expr>;
  const inner = tie('query') as fc.Arbitrary<Query>;
  const parts = (min: number, max: number): fc.Arbitrary<Expr[]> => fc.array(part, { minLength: min, maxLength: max });
  const direction = fc.record({ descending: fc.boolean(), nulls: fc.constantFrom<'first' | 'last' | null>('first', 'last', null) });
  // A literal would be a position, or order nothing.
  const orderTerm = fc.tuple(part.filter(({ kind }) => kind !== 'literal'), direction).map(([of, rest]): OrderTerm => ({ expr: of, ...rest }));
  const order = fc.array(orderTerm, { maxLength: 2 });
  // The parser takes no window inside the definition of one.
  const simple = fc.oneof(column, fc.tuple(functionName, column).map(([name, arg]): Expr => ({ kind: 'call', name, operator: false, args: [arg], distinct: false, filter: null, order: [], at })));
  const frame: fc.Arbitrary<Frame> = fc.oneof(
    fc.constant(DEFAULT_FRAME),
    fc.tuple(fc.constantFrom('rows' as const, 'range' as const, 'groups' as const), simple, simple, fc.constantFrom('none' as const, 'current' as const, 'group' as const, 'ties' as const))
      .map(([unit, a, b, exclude]): Frame => ({ unit, start: { kind: 'preceding', expr: a }, end: { kind: 'following', expr: b }, exclude })),
    fc.constantFrom('rows' as const, 'groups' as const).map((unit): Frame => ({ unit, start: { kind: 'unbounded-preceding' }, end: { kind: 'current' }, exclude: 'none' })),
  );
  const any: fc.Arbitrary<Expr> = fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expr' },
    fc.oneof(literal, column),
    fc.tuple(functionName, parts(0, 3), fc.boolean(), fc.option(part), order).map(([name, args, distinct, filter, by]): Expr => ({ kind: 'call', name, operator: false, args, distinct: distinct && args.length > 0, filter, order: args.length > 0 ? by : [], at })),
    fc.tuple(fc.constantFrom(...OPERATORS), part, part).map(([name, a, b]): Expr => ({ kind: 'call', name, operator: true, args: [a, b], distinct: false, filter: null, order: [], at })),
    part.filter((arg) => !isNumeric(arg)).map((arg): Expr => ({ kind: 'call', name: '-', operator: true, args: [arg], distinct: false, filter: null, order: [], at })),
    fc.tuple(fc.constantFrom(...COMPARISONS), part, part).map(([op, left, right]): Expr => ({ kind: 'compare', op, left, right, at })),
    fc.tuple(fc.constantFrom('and' as const, 'or' as const), parts(2, 3)).map(([kind, args]) => flatten(kind, args)),
    part.map((arg) => negate(arg)),
    fc.tuple(fc.constantFrom('is-null' as const, 'is-not-null' as const), part).map(([kind, arg]): Expr => ({ kind, arg, at })),
    // A subquery alone in a list is read as the list itself: `plan/scalar.ts` writes `=` there.
    fc.tuple(part, parts(1, 3), fc.boolean()).filter(([, list]) => list.length > 1 || list[0]?.kind !== 'scalar-query').map(([arg, list, negated]): Expr => ({ kind: 'in', arg, list, negated, at })),
    fc.tuple(part, part, part).map(([arg, low, high]): Expr => ({ kind: 'between', arg, low, high, at })),
    fc.tuple(fc.array(fc.record({ when: part, then: part }), { minLength: 1, maxLength: 2 }), part).map(([branches, otherwise]): Expr => ({ kind: 'case', branches, otherwise, at })),
    parts(1, 3).map((args): Expr => ({ kind: 'coalesce', args, at })),
    fc.tuple(part, fc.constantFrom('INTEGER', 'DECIMAL(38,10)', 'VARCHAR', 'TIMESTAMP WITH TIME ZONE', 'DATE', 'INTERVAL', 'HUGEINT'), fc.boolean()).map(([arg, type, isTry]): Expr => ({ kind: 'cast', arg, type, try: isTry, at })),
    fc.tuple(windowName, parts(1, 2), fc.array(simple, { maxLength: 2 }), fc.array(fc.tuple(simple, direction).map(([of, rest]): OrderTerm => ({ expr: of, ...rest })), { maxLength: 2 }), frame, fc.option(part), fc.boolean()).map(([name, args, partition, by, of, filter, distinct]): Expr => ({ kind: 'window', name, args, distinct, filter, ignoreNulls: false, order: [], over: { partition, order: by, frame: of }, at })),
    fc.tuple(fc.constantFrom('scalar-query' as const, 'exists' as const), inner).map(([kind, of]): Expr => ({ kind, query: of, at })),
    fc.tuple(part, inner, fc.constantFrom('=' as const, '<' as const, '>=' as const, '<>' as const)).map(([left, of, op]): Expr => ({ kind: 'any', op, left, query: of, at })),
  );
  const table: fc.Arbitrary<From> = fc.tuple(fc.array(identifier, { minLength: 1, maxLength: 3 }), fc.option(identifier), fc.array(identifier, { maxLength: 2 }))
    .map(([path, alias, columns]): From => ({ kind: 'table', path, alias, columns: alias === null ? [] : columns, at }));
  const from: fc.Arbitrary<From> = fc.oneof(
    { maxDepth: 2, depthIdentifier: 'from' },
    table,
    fc.tuple(inner, identifier, fc.array(identifier, { maxLength: 2 })).map(([of, alias, columns]): From => ({ kind: 'derived', query: of, alias, columns, at })),
    fc.tuple(fc.constantFrom('inner' as const, 'left' as const, 'right' as const, 'full' as const, 'semi' as const, 'anti' as const), table, table, part, fc.array(identifier, { minLength: 1, maxLength: 2 }), fc.integer({ min: 0, max: 3 }))
      .map(([join, left, right, on, columns, which]): From => ({
        kind: 'join', join: which === 3 ? 'inner' : join, left, right, at,
        condition: which === 0 ? { kind: 'on', expr: on } : which === 1 ? { kind: 'using', columns } : which === 2 ? { kind: 'natural' } : { kind: 'cross' },
      })),
  );
  const select: fc.Arbitrary<Select> = fc.record<Select>({
    kind: fc.constant('select' as const),
    distinct: fc.option(fc.record({ on: fc.array(part.filter(({ kind }) => kind !== 'literal'), { maxLength: 2 }) })),
    items: fc.array(fc.oneof(
      fc.tuple(part, fc.option(identifier)).map(([of, alias]) => ({ kind: 'expr' as const, expr: of, alias })),
      fc.record({ kind: fc.constant('star' as const), relation: fc.option(identifier), exclude: fc.uniqueArray(fc.constantFrom('p', 'q"'), { maxLength: 2 }), replace: fc.constant([]), at: fc.constant(null) }),
    ), { minLength: 1, maxLength: 3 }),
    from: fc.option(from),
    where: fc.option(part),
    group: fc.oneof(fc.constant(groupBy([])), fc.constant({ kind: 'all' as const }), fc.uniqueArray(part.filter(({ kind }) => kind !== 'literal'), { minLength: 1, maxLength: 3, selector: (by) => printExpr(by).toLowerCase() }).map((by) => groupBy(by))),
    having: fc.option(part),
    qualify: fc.option(part),
  });
  const plain = fc.record({ ctes: fc.constant([]), body: select, order: fc.option(fc.array(orderTerm, { minLength: 1, maxLength: 2 }).map((by) => ({ kind: 'by' as const, by }))), limit: fc.option(integer), offset: fc.option(integer), at: fc.constant(null) });
  const whole: fc.Arbitrary<Query> = fc.oneof(
    { maxDepth: 2, depthIdentifier: 'query' },
    plain,
    fc.tuple(plain, fc.uniqueArray(identifier, { maxLength: 2, selector: (name) => name.toLowerCase() }), inner).map(([of, names, used]): Query => ({ ...of, ctes: names.map((name) => ({ name, columns: [], query: used })) })),
    fc.tuple(fc.constantFrom('union' as const, 'intersect' as const, 'except' as const), fc.boolean(), plain, plain).map(([op, all, left, right]): Query => ({ ctes: [], body: { kind: 'set-operation', op, all, left, right }, order: null, limit: null, offset: null, at })),
    fc.array(parts(2, 2), { minLength: 1, maxLength: 2 }).map((rows): Query => ({ ctes: [], body: { kind: 'values', rows }, order: null, limit: null, offset: null, at })),
  );
  return { expr: any, query: whole };
});

const RUNS = Number(process.env['CLOSURE_RUNS'] ?? 80);

test('expressions', async () => {
  await fc.assert(fc.asyncProperty(expr, async (of) => {
    const back = await readBack(`SELECT ${printExpr(of)} AS "x"`);
    const item = back?.body.kind === 'select' ? back.body.items[0] : undefined;
    const read = item?.kind === 'expr' ? item.expr : null;
    expect(sameQuery(read, of), `${printExpr(of)}\n${difference(of, read)}`).toBe(true);
  }), { numRuns: RUNS * 2 });
});

test('queries', async () => {
  await fc.assert(fc.asyncProperty(query, async (of) => {
    const back = await readBack(printQuery(of));
    expect(back !== null && sameQuery(back, of), `${printQuery(of)}\n${difference(of, back)}`).toBe(true);
  }), { numRuns: RUNS });
});

test('a difference is noticed', () => {
  const one: Expr = { kind: 'literal', type: 'INTEGER', value: '1', at: 3 };
  expect(sameQuery(one, { ...one, at: 7 })).toBe(true);
  expect(sameQuery(one, { ...one, value: '2' })).toBe(false);
  expect(sameQuery(one, { ...one, type: 'BIGINT' })).toBe(false);
  expect(sameQuery({ a: [one] }, { a: [one, one] })).toBe(false);
  expect(sameQuery({ a: one, b: null }, { a: one })).toBe(false);
});

test('NUL never gets into a text', () => {
  expect(() => printExpr({ kind: 'column', path: ['a\0b'], at })).toThrow();
  expect(() => printExpr({ kind: 'literal', type: 'VARCHAR', value: 'a\0', at })).toThrow();
});
