/**
 * Whole queries, made from the result backwards: which types are wanted, which statistics and keys give them, which relation
 * has the columns for those. Above the gate anything goes on.
 */
import { AGGREGATES } from '#sandbox/sql/functions/aggregates.ts';
import { WINDOWS } from '#sandbox/sql/functions/windows.ts';
import { expression, predicate, type Focus, type Scope, type ScopeColumn } from './expressions.ts';
import { publicSource, scopeOf, SHAPES, type Shape, type Source } from './relations.ts';
import type { T } from './scalars.ts';
import { ABOVE, WINDOW_CALLS, STATISTICS } from './statistics.ts';
import type { Tape } from './tape.ts';

/** A query whose columns are `c0`, `c1`, …; the first `keys` of them tell its rows apart (none: there is one row). */
export interface Shaped {
  readonly sql: string;
  readonly types: readonly T[];
  readonly keys: number;
}

export interface Generated {
  readonly sql: string;
  /** The order of rows is fixed by the query. */
  readonly ordered: boolean;
}

export interface Aim {
  readonly shape?: Shape;
  readonly form?: Form;
  readonly focus?: Focus;
  readonly statistic?: string;
  readonly above?: string;
  readonly window?: string;
}

const FORMS = {
  grouped: (tape, aim) => grouped(tape, aim),
  global: (tape, aim) => grouped(tape, aim, 0),
  distinct: (tape, aim) => distinct(tape, aim),
  derived: (tape, aim) => above(tape, aim),
  again: (tape, aim) => aggregatedAgain(tape, aim),
  windows: (tape, aim) => windows(tape, aim),
  qualify: (tape) => qualify(tape),
  cte: (tape, aim) => cte(tape, aim),
  sets: (tape, aim) => sets(tape, aim),
  'grouping sets': (tape, aim) => groupingSets(tape, aim),
  'scalar gates': (tape, aim) => scalarGates(tape, aim),
  'joined gates': (tape, aim) => joinedGates(tape, aim),
  'filtered by gate': (tape, aim) => filteredByGate(tape, aim),
  public: (tape, aim) => publicOnly(tape, aim),
} as const satisfies Readonly<Record<string, (tape: Tape, aim: Aim) => Shaped>>;

export type Form = keyof typeof FORMS;
export const FORM_NAMES = Object.keys(FORMS) as readonly Form[];

/** A query, perhaps in an order and cut off. */
export function query(tape: Tape, aim: Aim = {}): Generated {
  const shaped = FORMS[aim.form ?? tape.pick(FORM_NAMES)](tape, aim);
  return ending(tape, shaped);
}

function ending(tape: Tape, { sql, keys, types }: Shaped): Generated {
  const direction = (): string => tape.pick(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST']);
  const by = Array.from({ length: keys }, (_, i) => `${tape.pick([`c${i}`, String(i + 1)])}${direction()}`);
  const limit = (): string => ` LIMIT ${tape.pick(['3', '1', '0', '100'])}${tape.pick(['', ' OFFSET 1'])}`;
  const cut = (): string => (tape.once(2) ? limit() : '');
  switch (tape.below(3)) {
    case 1: return by.length === 0 ? { sql, ordered: false } : { sql: `SELECT * FROM (${sql}) z ORDER BY ${by.join(', ')}${cut()}`, ordered: true };
    case 2: return types.every((type) => type !== 'near' && type !== 'interval') ? { sql: `SELECT * FROM (${sql}) z ORDER BY ALL${tape.pick(['', ' DESC'])}${cut()}`, ordered: true } : { sql, ordered: false };
    default: return { sql, ordered: false };
  }
}

const KEY_TYPES: readonly T[] = ['txt', 'int', 'bool', 'date', 'dec'];

function relation(tape: Tape, aim: Aim): Source {
  const names = Object.keys(SHAPES) as Shape[];
  return SHAPES[aim.shape ?? tape.pick(names)](tape);
}

function where(tape: Tape, source: Source, scope: Scope): string {
  const conditions = [...source.where, ...(tape.once(2) || scope.focus !== null ? [predicate(tape, scope, 2)] : [])];
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** Statistics over the source, as select items. */
function statistics(tape: Tape, source: Source, scope: Scope, aim: Aim, most = 3): { readonly sql: string; readonly type: T }[] {
  const chosen = aim.statistic === undefined ? tape.times(1, most, () => tape.pick(STATISTICS)) : STATISTICS.filter(({ name }) => name === aim.statistic).slice(0, 4);
  return chosen.map(({ make, type }) => ({ sql: make(tape, scope, source), type }));
}

function grouped(tape: Tape, aim: Aim, mostKeys = 3): Shaped {
  const source = relation(tape, aim);
  const scope = scopeOf(source, aim.focus ?? null);
  const keyTypes = mostKeys === 0 ? [] : tape.times(1, mostKeys, () => tape.pick(KEY_TYPES));
  const keys = keyTypes.map((type) => expression(tape, scope, type, tape.below(3)));
  const values = statistics(tape, source, scope, aim);
  const items = [...keys, ...values.map(({ sql }) => sql)].map((sql, i) => `${sql} AS c${i}`);
  const having = tape.once(5) ? ` HAVING ${tape.pick(['count(*) > 1', 'count(*) >= 1 AND sum(1) < 100', 'count(*) BETWEEN 1 AND 3'])}` : '';
  // GROUP BY ALL keeps an alias from being taken for a column of the source.
  const by = keys.length === 0 ? '' : ` GROUP BY ${tape.pick([keys.map((_, i) => String(i + 1)).join(', '), 'ALL'])}`;
  return { sql: `SELECT ${items.join(', ')} FROM ${source.from}${where(tape, source, scope)}${by}${having}`, types: [...keyTypes, ...values.map(({ type }) => type)], keys: keys.length };
}

function distinct(tape: Tape, aim: Aim): Shaped {
  const source = relation(tape, aim);
  const scope = scopeOf(source, aim.focus ?? null);
  const types = tape.times(1, 3, () => tape.pick(KEY_TYPES));
  return { sql: `SELECT DISTINCT ${types.map((type, i) => `${expression(tape, scope, type, 1)} AS c${i}`).join(', ')} FROM ${source.from}${where(tape, source, scope)}`, types, keys: types.length };
}

const scopeAbove = (alias: string, types: readonly T[], aim: Aim = {}): Scope => ({ columns: types.map((type, i): ScopeColumn => ({ sql: `${alias}.c${i}`, type })), below: false, focus: aim.focus ?? null });

/** Expressions, filters and cases over released columns; the keys stay what they are. */
function above(tape: Tape, aim: Aim): Shaped {
  const { focus, ...others } = aim;
  const inner = grouped(tape, others);
  const scope = scopeAbove('t', inner.types, aim);
  const keys = inner.types.slice(0, inner.keys);
  const types = tape.times<T>(1, 3, () => tape.pick<T>(['int', 'txt', 'dec', 'bool', 'near', 'date', 'dbl', 'ts', 'interval']));
  const items = [...keys.map((_, i) => `t.c${i}`), ...types.map((type) => expression(tape, scope, type, 3))].map((sql, i) => `${sql} AS c${i}`);
  return { sql: `SELECT ${items.join(', ')} FROM (${inner.sql}) t${focus !== undefined || tape.once(2) ? ` WHERE ${predicate(tape, scope, 2)}` : ''}`, types: [...keys, ...types], keys: keys.length };
}

/** Aggregates over released rows. */
function aggregatedAgain(tape: Tape, aim: Aim): Shaped {
  const inner = grouped(tape, aim);
  const scope = scopeAbove('t', inner.types);
  const keys = inner.types.slice(0, Math.max(0, inner.keys - 1));
  const order = inner.types.slice(0, inner.keys).map((_, i) => `t.c${i}`).join(', ');
  const usable = ABOVE.filter(({ name }) => AGGREGATES.has(name) && (aim.above === undefined || aim.above === name));
  const calls = aim.above === undefined ? tape.times(1, 3, () => tape.pick(usable)) : usable;
  const items = [...keys.map((_, i) => `t.c${i}`), ...calls.map(({ make }) => make(tape, scope, order))];
  return { sql: `SELECT ${items.map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM (${inner.sql}) t${keys.length === 0 ? '' : ` GROUP BY ${keys.map((_, i) => `t.c${i}`).join(', ')}`}`, types: [...keys, ...calls.map(({ type }) => type)], keys: keys.length };
}

/** Windows over released rows, in a total order. */
function windows(tape: Tape, aim: Aim): Shaped {
  const inner = grouped(tape, aim, 2);
  const scope = scopeAbove('t', inner.types);
  const keys = inner.types.slice(0, inner.keys);
  const order = keys.map((_, i) => `t.c${i}`).join(', ');
  const usable = WINDOW_CALLS.filter(({ name }) => (WINDOWS.has(name) || AGGREGATES.has(name)) && (aim.window === undefined || aim.window === name));
  const calls = aim.window === undefined ? tape.times(1, 2, () => tape.pick(usable)) : usable;
  const items = [...keys.map((_, i) => `t.c${i}`), ...calls.map(({ make }) => make(tape, scope, order))];
  return { sql: `SELECT ${items.map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM (${inner.sql}) t`, types: [...keys, ...calls.map(({ type }) => type)], keys: keys.length };
}

function qualify(tape: Tape): Shaped {
  const source = SHAPES[tape.pick(['people', 'visits', 'public join'] as const)](tape);
  const scope = scopeOf(source, null);
  const [a, b] = [expression(tape, scope, 'txt', 1), expression(tape, scope, 'int', 1)];
  return { sql: `SELECT ${a} AS c0, ${b} AS c1, count(*) AS c2 FROM ${source.from}${where(tape, source, scope)} GROUP BY 1, 2 QUALIFY row_number() OVER (PARTITION BY c0 ORDER BY c2 DESC, c1) <= ${tape.pick(['1', '2'])}`, types: ['txt', 'int', 'int'], keys: 2 };
}

/** A WITH query, used once or joined with itself. */
function cte(tape: Tape, aim: Aim): Shaped {
  const inner = grouped(tape, aim, 2);
  const { types, keys } = inner;
  const on = types.slice(0, keys).map((_, i) => `a.c${i} IS NOT DISTINCT FROM b.c${i}`);
  const name = tape.pick(['q', '"q 1"']).replace(' ', '_');
  const materialized = tape.pick(['', ' MATERIALIZED', ' NOT MATERIALIZED']);
  switch (keys === 0 ? 0 : tape.below(3)) {
    case 1: return { sql: `WITH ${name} AS${materialized} (${inner.sql}) SELECT ${[...types.map((_, i) => `a.c${i}`), ...types.slice(keys).map((_, i) => `b.c${keys + i}`)].map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM ${name} a ${tape.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN'])} ${name} b ON ${on.join(' AND ')}`, types: [...types, ...types.slice(keys)], keys };
    case 2: return { sql: `WITH ${name} AS${materialized} (${inner.sql}) SELECT a.*, (SELECT count(*) FROM ${name}) AS c${types.length} FROM ${name} a`, types: [...types, 'int'], keys };
    default: return { sql: `WITH ${name}(${types.map((_, i) => `d${i}`).join(', ')}) AS${materialized} (${inner.sql}) SELECT ${types.map((_, i) => `d${i} AS c${i}`).join(', ')} FROM ${name}`, types, keys };
  }
}

/** UNION, INTERSECT and EXCEPT of two grouped queries of the same types. */
function sets(tape: Tape, aim: Aim): Shaped {
  const types: T[] = ['txt', ...tape.times<T>(0, 1, () => tape.pick<T>(['int', 'date', 'bool'])), 'int'];
  const side = (): string => {
    const source = relation(tape, aim);
    const scope = scopeOf(source, null);
    const keys = types.slice(0, -1).map((type, i) => `${expression(tape, scope, type, 1)} AS c${i}`);
    return `SELECT ${[...keys, `count(*) AS c${types.length - 1}`].join(', ')} FROM ${source.from}${where(tape, source, scope)} GROUP BY ALL`;
  };
  const op = tape.pick(['UNION ALL', 'UNION', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL']);
  return { sql: `${side()} ${op} ${side()}`, types, keys: types.length };
}

function groupingSets(tape: Tape, aim: Aim): Shaped {
  const source = relation(tape, aim);
  const scope = scopeOf(source, null);
  const keys = (['txt', 'bool'] as const).map((type) => expression(tape, scope, type, 1));
  const by = tape.pick(['ROLLUP (#0, #1)', 'CUBE (#0, #1)', 'GROUPING SETS ((#0), (#1), ())', 'GROUPING SETS ((#0, #1), (#0))']).replaceAll(/#(\d)/g, (_, i: string) => keys[Number(i)] ?? '');
  const values = statistics(tape, source, scope, aim, 2);
  const items = [...keys, ...keys.map((key) => `grouping(${key})`), ...values.map(({ sql }) => sql)];
  return { sql: `SELECT ${items.map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM ${source.from}${where(tape, source, scope)} GROUP BY ${by}`, types: ['txt', 'bool', 'int', 'int', ...values.map(({ type }) => type)], keys: 4 };
}

/** Values of whole tables side by side. */
function scalarGates(tape: Tape, aim: Aim): Shaped {
  const parts = tape.times(1, 3, () => grouped(tape, aim, 0)).map(({ sql, types }) => ({ sql: `(SELECT y.c0 FROM (${sql}) y)`, type: types[0] ?? 'int' }));
  return { sql: `SELECT ${parts.map(({ sql }, i) => `${sql} AS c${i}`).join(', ')}`, types: parts.map(({ type }) => type), keys: 0 };
}

function joinedGates(tape: Tape, aim: Aim): Shaped {
  const side = (): { readonly sql: string; readonly type: T } => {
    const source = relation(tape, aim);
    const scope = scopeOf(source, null);
    const [value] = statistics(tape, source, scope, aim, 1);
    return { sql: `(SELECT ${expression(tape, scope, 'txt', 1)} AS c0, ${value?.sql ?? 'count(*)'} AS c1 FROM ${source.from}${where(tape, source, scope)} GROUP BY 1)`, type: value?.type ?? 'int' };
  };
  const [a, b] = [side(), side()];
  const join = tape.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
  return { sql: `SELECT a.c0 AS c0, b.c0 AS c1, a.c1 AS c2, b.c1 AS c3 FROM ${a.sql} a ${join} ${b.sql} b ON a.c0 = b.c0`, types: ['txt', 'txt', a.type, b.type], keys: 2 };
}

/** A gate whose rows decide which rows of another are shown. */
function filteredByGate(tape: Tape, aim: Aim): Shaped {
  const source = relation(tape, aim);
  const scope = scopeOf(source, null);
  const test = tape.pick([
    `t.c0 ${tape.pick(['IN', 'NOT IN'])} (SELECT p.region FROM lab.people p GROUP BY p.region HAVING count(*) > 1)`,
    `${tape.pick(['', 'NOT '])}EXISTS (SELECT 1 FROM (SELECT p.region AS r, count(*) AS n FROM lab.people p GROUP BY 1) u WHERE u.r = t.c0 AND u.n > 1)`,
    `t.c1 >= (SELECT count(*) FROM lab.visits) - 3`,
    `t.c0 ${tape.pick(['IN', 'NOT IN'])} (SELECT d.code FROM lab.places d)`,
    `t.c1 ${tape.pick(['> ALL', '>= ANY'])} (SELECT count(*) FROM lab.visits v GROUP BY v.kind)`,
  ]);
  return { sql: `SELECT t.* FROM (SELECT ${expression(tape, scope, 'txt', 1)} AS c0, count(*) AS c1 FROM ${source.from}${where(tape, source, scope)} GROUP BY 1) t WHERE ${test}`, types: ['txt', 'int'], keys: 1 };
}

/** Nothing protected: no gate at all. */
function publicOnly(tape: Tape, aim: Aim): Shaped {
  const source = publicSource();
  const scope: Scope = { columns: source.columns, below: false, focus: aim.focus ?? null };
  const types = tape.times<T>(1, 3, () => tape.pick<T>(['int', 'txt', 'dbl', 'bool', 'date', 'dec', 'ts']));
  return { sql: `SELECT d.code AS c0, ${types.map((type, i) => `${expression(tape, scope, type, 3)} AS c${i + 1}`).join(', ')} FROM ${source.from}${where(tape, source, scope)}`, types: ['txt', ...types], keys: 1 };
}
