/**
 * The syntactic form → text. Every identifier is quoted, every operation is in parentheses, numbers keep their digits.
 * What comes out is parsed again and must give the same form (`compile.ts`), so this file decides how a query looks and
 * never what it means.
 */
import { assertNever } from '#contract/result.ts';
import type { Body, Expr, Frame, FrameBound, From, Grouping, Ordering, OrderTerm, Over, Query, Select, SelectItem } from './query.ts';
import { DEFAULT_FRAME, OPERATORS, sameQuery } from './query.ts';

export function printQuery(query: Query): string {
  const ctes = query.ctes.map((cte) => `${name(cte.name)}${columnList(cte.columns)} AS (${printQuery(cte.query)})`);
  return [
    ctes.length === 0 ? '' : `WITH ${ctes.join(', ')}`,
    printBody(query.body),
    query.order === null ? '' : `ORDER BY ${ordering(query.order)}`,
    query.limit === null ? '' : `LIMIT ${printExpr(query.limit)}`,
    query.offset === null ? '' : `OFFSET ${printExpr(query.offset)}`,
  ].filter((part) => part !== '').join(' ');
}

/** Throws on NUL, at which a parser would stop: names come from parsed text or from this program. */
export function name(identifier: string): string {
  if (identifier.includes('\0') || identifier === '') throw new Error('not an identifier');
  return `"${identifier.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  if (value.includes('\0')) throw new Error('text with a NUL character');
  return `'${value.replaceAll("'", "''")}'`;
}

const columnList = (columns: readonly string[]): string => (columns.length === 0 ? '' : `(${columns.map(name).join(', ')})`);

function printBody(body: Body): string {
  switch (body.kind) {
    case 'select': return printSelect(body);
    case 'set-operation': return `(${printQuery(body.left)}) ${body.op.toUpperCase()}${body.all ? ' ALL' : ''} (${printQuery(body.right)})`;
    case 'values': return `VALUES ${body.rows.map((row) => `(${list(row)})`).join(', ')}`;
    default: return assertNever(body);
  }
}

function printSelect(select: Select): string {
  const on = select.distinct?.on ?? [];
  return [
    'SELECT',
    select.distinct === null ? '' : on.length === 0 ? 'DISTINCT' : `DISTINCT ON (${list(on)})`,
    select.items.map(printItem).join(', '),
    select.from === null ? '' : `FROM ${printFrom(select.from)}`,
    select.where === null ? '' : `WHERE ${printExpr(select.where)}`,
    grouping(select.group),
    select.having === null ? '' : `HAVING ${printExpr(select.having)}`,
    select.qualify === null ? '' : `QUALIFY ${printExpr(select.qualify)}`,
  ].filter((part) => part !== '').join(' ');
}

/** A query without grouping in the parts of its text: where several read the same rows, one can read for all. */
export interface SelectParts {
  readonly from: string;
  readonly where: string | null;
  /** `from` is a stored table: its rows come in the same order in every question. */
  readonly stored: boolean;
  /** By alias. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Null where the query is more than a SELECT of rows as they are. */
export function selectParts({ ctes, body, order, limit, offset }: Query): SelectParts | null {
  if (ctes.length > 0 || order !== null || limit !== null || offset !== null || body.kind !== 'select') return null;
  const { distinct, items, from, where, group, having, qualify } = body;
  if (distinct !== null || from === null || group.kind === 'all' || group.sets.length > 0 || having !== null || qualify !== null) return null;
  const columns = items.flatMap((item): [string, string][] => (item.kind === 'expr' && item.alias !== null ? [[item.alias, printExpr(item.expr)]] : []));
  return columns.length < items.length ? null : { from: printFrom(from), stored: from.kind === 'table' && from.path.length > 1, where: where === null ? null : printExpr(where), columns: Object.fromEntries(columns) };
}

function printItem(item: SelectItem): string {
  switch (item.kind) {
    case 'expr': return item.alias === null ? printExpr(item.expr) : `${printExpr(item.expr)} AS ${name(item.alias)}`;
    case 'star': {
      const exclude = item.exclude.length === 0 ? '' : ` EXCLUDE (${item.exclude.map(name).join(', ')})`;
      const replace = item.replace.length === 0 ? '' : ` REPLACE (${item.replace.map((r) => `${printExpr(r.expr)} AS ${name(r.name)}`).join(', ')})`;
      return `${item.relation === null ? '' : `${name(item.relation)}.`}*${exclude}${replace}`;
    }
    default: return assertNever(item);
  }
}

function grouping(group: Grouping): string {
  if (group.kind === 'all') return 'GROUP BY ALL';
  if (group.sets.length === 0) return '';
  const [only, ...others] = group.sets;
  const plain = only !== undefined && others.length === 0 && only.length === group.by.length && only.every((key, i) => key === i);
  if (plain && only.length > 0) return `GROUP BY ${list(group.by)}`;
  const sets = group.sets.map((set) => `(${set.map((key) => printExpr(at(group.by, key))).join(', ')})`);
  return `GROUP BY GROUPING SETS (${sets.join(', ')})`;
}

function at<T>(items: readonly T[], i: number): T {
  const item = items[i];
  if (item === undefined) throw new Error('index out of range');
  return item;
}

function ordering(order: Ordering): string {
  if (order.kind === 'all') return `ALL${direction(order.direction)}`;
  return order.by.map(orderTerm).join(', ');
}

const orderTerm = (term: OrderTerm): string => printExpr(term.expr) + direction(term);

function direction(term: { readonly descending: boolean; readonly nulls: 'first' | 'last' | null }): string {
  return `${term.descending ? ' DESC' : ''}${term.nulls === null ? '' : ` NULLS ${term.nulls.toUpperCase()}`}`;
}

function printFrom(from: From): string {
  const alias = from.kind === 'join' || from.alias === null ? '' : ` AS ${name(from.alias)}${columnList(from.columns)}`;
  switch (from.kind) {
    case 'table': return from.path.map(name).join('.') + alias;
    case 'derived': return `(${printQuery(from.query)})${alias}`;
    case 'join': {
      const { condition } = from;
      const sides = [printFrom(from.left), from.right.kind === 'join' ? `(${printFrom(from.right)})` : printFrom(from.right)];
      const word = `${from.join.toUpperCase()} JOIN`;
      switch (condition.kind) {
        case 'cross': return sides.join(' CROSS JOIN ');
        case 'natural': return sides.join(` NATURAL ${word} `);
        case 'using': return `${sides.join(` ${word} `)} USING (${condition.columns.map(name).join(', ')})`;
        case 'on': return `${sides.join(` ${word} `)} ON ${printExpr(condition.expr)}`;
        default: return assertNever(condition);
      }
    }
    default: return assertNever(from);
  }
}

const list = (exprs: readonly Expr[]): string => exprs.map(printExpr).join(', ');

/** Operations are always in parentheses. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'column': return expr.path.map(name).join('.');
    case 'literal': return literal(expr.type, expr.value);
    case 'call': return call(expr);
    case 'window': return window(expr);
    case 'compare': return `(${printExpr(expr.left)} ${expr.op} ${printExpr(expr.right)})`;
    case 'and': return `(${expr.args.map(printExpr).join(' AND ')})`;
    case 'or': return `(${expr.args.map(printExpr).join(' OR ')})`;
    case 'not': return `(NOT ${printExpr(expr.arg)})`;
    case 'is-null': return `(${printExpr(expr.arg)} IS NULL)`;
    case 'is-not-null': return `(${printExpr(expr.arg)} IS NOT NULL)`;
    case 'in': return `(${printExpr(expr.arg)}${expr.negated ? ' NOT' : ''} IN (${list(expr.list)}))`;
    case 'between': return `(${printExpr(expr.arg)} BETWEEN ${printExpr(expr.low)} AND ${printExpr(expr.high)})`;
    case 'case': return `CASE${expr.branches.map(({ when, then }) => ` WHEN ${printExpr(when)} THEN ${printExpr(then)}`).join('')} ELSE ${printExpr(expr.otherwise)} END`;
    case 'coalesce': return `COALESCE(${list(expr.args)})`;
    case 'cast': return `${expr.try ? 'TRY_CAST' : 'CAST'}(${printExpr(expr.arg)} AS ${expr.type})`;
    case 'grouping': return `GROUPING(${list(expr.args)})`;
    case 'scalar-query': return `(${printQuery(expr.query)})`;
    case 'exists': return `EXISTS (${printQuery(expr.query)})`;
    case 'any': return `(${printExpr(expr.left)} ${expr.op === '=' ? 'IN' : `${expr.op} ANY`} (${printQuery(expr.query)}))`;
    case 'refused': throw new Error('a refused expression has no text');
    default: return assertNever(expr);
  }
}

function literal(type: string, value: string | null): string {
  if (value === null) return 'NULL';
  if (type === 'VARCHAR') return text(value);
  if (type === 'BOOLEAN') return value.toUpperCase();
  // A floating literal needs an exponent, else its text is a decimal.
  const digits = type === 'DOUBLE' && !/e/i.test(value) ? `${value}e0` : value;
  return digits.startsWith('-') ? `(${digits})` : digits;
}

function call(expr: Extract<Expr, { kind: 'call' }>): string {
  const [first, second, ...others] = expr.args;
  if (expr.operator) {
    if (!OPERATORS.includes(expr.name) || first === undefined || others.length > 0) throw new Error('not an operator');
    return second === undefined ? `(${expr.name}${printExpr(first)})` : `(${printExpr(first)} ${expr.name} ${printExpr(second)})`;
  }
  const filter = expr.filter === null ? '' : ` FILTER (WHERE ${printExpr(expr.filter)})`;
  if (expr.name === 'count_star' && first === undefined) return `count(*)${filter}`;
  const order = expr.order.length === 0 ? '' : ` ORDER BY ${expr.order.map(orderTerm).join(', ')}`;
  return `${name(expr.name)}(${expr.distinct ? 'DISTINCT ' : ''}${list(expr.args)}${order})${filter}`;
}

function window(expr: Extract<Expr, { kind: 'window' }>): string {
  const order = expr.order.length === 0 ? '' : ` ORDER BY ${expr.order.map(orderTerm).join(', ')}`;
  const args = `${expr.distinct ? 'DISTINCT ' : ''}${list(expr.args)}${expr.ignoreNulls ? ' IGNORE NULLS' : ''}${order}`;
  const filter = expr.filter === null ? '' : ` FILTER (WHERE ${printExpr(expr.filter)})`;
  const function_ = expr.name === 'count_star' && expr.args.length === 0 ? 'count(*)' : `${name(expr.name)}(${args})`;
  return `${function_}${filter} OVER (${over(expr.over)})`;
}

function over({ partition, order, frame }: Over): string {
  return [
    partition.length === 0 ? '' : `PARTITION BY ${list(partition)}`,
    order.length === 0 ? '' : `ORDER BY ${order.map(orderTerm).join(', ')}`,
    sameQuery(frame, DEFAULT_FRAME) ? '' : printFrame(frame),
  ].filter((part) => part !== '').join(' ');
}

function printFrame({ unit, start, end, exclude }: Frame): string {
  const exclusion = { none: '', current: ' EXCLUDE CURRENT ROW', group: ' EXCLUDE GROUP', ties: ' EXCLUDE TIES' }[exclude];
  return `${unit.toUpperCase()} BETWEEN ${frameBound(start)} AND ${frameBound(end)}${exclusion}`;
}

function frameBound(bound: FrameBound): string {
  switch (bound.kind) {
    case 'unbounded-preceding': return 'UNBOUNDED PRECEDING';
    case 'unbounded-following': return 'UNBOUNDED FOLLOWING';
    case 'current': return 'CURRENT ROW';
    case 'preceding': return `${printExpr(bound.expr)} PRECEDING`;
    case 'following': return `${printExpr(bound.expr)} FOLLOWING`;
    default: return assertNever(bound);
  }
}
