/**
 * Takes what a subquery has in common with the query around it out of the subquery: its conditions on outer columns become
 * the condition under which it is looked up, and a correlated aggregate gets the inner side of its equalities as group keys.
 * What cannot be taken out is refused.
 */
import { boundLiteral, columnRef, columnsIn, conjunction, conjuncts, partsOf, withParts, type Bound } from '../expression.ts';
import { columnsOf, type Column, type Item, type Relation } from '../relation.ts';
import type { BindContext } from './context.ts';
import { produces } from './grouped.ts';
import { itemFor, type BoundQuery } from './query.ts';

export interface Hoisted {
  readonly relation: Relation;
  readonly on: Bound | null;
  /** What a scalar subquery stands for; for other subqueries of no use. */
  readonly value: Bound;
}

export function hoist(context: BindContext, bound: BoundQuery, scalar: boolean, at: number | null): Hoisted | null {
  const output = bound.outputs[0]?.column;
  const value = (relation: Relation, column: Column, on: Bound | null): Bound => ({ kind: 'subquery', sub: { kind: 'scalar', relation, value: column, on }, type: column.type, at });
  const none = boundLiteral('NULL', null, at);
  const plain = bound.relation.kind === 'sort' ? bound.relation.input : bound.relation;
  if (!isCorrelated(plain)) return { relation: plain, on: null, value: scalar && output !== undefined ? value(plain, output, null) : none };
  if (scalar && output !== undefined) return hoistScalar(context, plain, output, value, at);
  const out = pull(context, plain, at);
  return out === null ? null : { relation: out.relation, on: conjunction(out.on), value: none };
}

/**
 * An aggregate without GROUP BY has a row even where nothing matches; with keys it has none. So the value is computed from
 * its aggregates outside: looked up one by one, a count that is not found being 0.
 */
function hoistScalar(context: BindContext, relation: Relation, output: Column, value: (relation: Relation, column: Column, on: Bound | null) => Bound, at: number | null): Hoisted | null {
  const project = relation.kind === 'project' ? relation : null;
  const inner = project === null ? relation : project.input;
  if (inner.kind !== 'aggregate' || inner.keys.length > 0 || inner.sets !== null) {
    const out = pull(context, relation, at);
    if (out === null) return null;
    const on = conjunction(out.on);
    return { relation: out.relation, on, value: value(out.relation, output, on) };
  }
  const out = pullAggregate(context, inner, at);
  if (out === null) return null;
  const on = conjunction(out.on);
  const found = new Map<Column, Bound>(inner.aggregates.map(({ column, call }) => {
    const looked = value(out.relation, column, on);
    const counts = call.fn.name === 'count' || call.fn.name === 'count_star' || call.fn.name === 'count_if' || call.fn.name === 'countif' || call.fn.name === 'regr_count';
    // A count that is not found is 0; one that is found and withheld is NULL, and not 0.
    const isThere: Bound = { kind: 'subquery', sub: { kind: 'exists', relation: out.relation, on }, type: 'BOOLEAN', at };
    return [column, counts ? { kind: 'case', branches: [{ when: isThere, then: looked }], otherwise: { kind: 'cast', arg: boundLiteral('INTEGER', '0'), try: false, type: column.type, at: null }, type: column.type, at } : looked];
  }));
  const expr = project?.items.find(({ column }) => column === output)?.expr ?? columnRef(output);
  const substitute = (part: Bound): Bound => (part.kind === 'column' ? (found.get(part.column) ?? part) : partsOf(part).length === 0 ? part : withParts(part, substitute));
  return { relation: out.relation, on, value: substitute(expr) };
}

/** Whether some expression of the relation reads a column that no part of it produces. */
export function isCorrelated(relation: Relation): boolean {
  return freeColumns(relation).size > 0;
}

function freeColumns(relation: Relation): ReadonlySet<Column> {
  const free = new Set<Column>();
  const produced = new Set<Column>();
  const visit = (node: Relation): void => {
    columnsOf(node).forEach((column) => produced.add(column));
    for (const expr of expressionsOf(node)) columnsIn(expr).forEach((column) => free.add(column));
    inputsOf(node).forEach(visit);
  };
  visit(relation);
  return free.difference(produced);
}

export function inputsOf(relation: Relation): readonly Relation[] {
  switch (relation.kind) {
    case 'scan': case 'values': case 'single': case 'gate': return [];
    case 'join': case 'set-operation': return [relation.left, relation.right];
    case 'test': case 'lookup': return [relation.input, relation.sub];
    default: return [relation.input];
  }
}

/** Expressions that the node itself computes. */
export function expressionsOf(relation: Relation): readonly Bound[] {
  switch (relation.kind) {
    case 'scan': case 'single': case 'gate': case 'set-operation': return [];
    case 'values': return relation.rows.flat();
    case 'filter': return [relation.predicate];
    case 'project': return relation.items.map(({ expr }) => expr);
    case 'join': return relation.on === null ? [] : [relation.on];
    case 'test': return [...(relation.test.kind === 'any' ? [relation.test.left] : []), ...(relation.on === null ? [] : [relation.on])];
    case 'lookup': return relation.on === null ? [] : [relation.on];
    case 'aggregate': return [...relation.keys.map(({ expr }) => expr), ...relation.aggregates.map(({ column, call }): Bound => ({ kind: 'aggregate', call, type: column.type, at: call.at }))];
    case 'window': return relation.items.map(({ column, call }): Bound => ({ kind: 'window', call, type: column.type, at: call.at }));
    case 'distinct': return [...relation.on, ...relation.order.map(({ expr }) => expr)];
    case 'sort': return relation.by.map(({ expr }) => expr);
    case 'limit': return [...(relation.limit === null ? [] : [relation.limit]), ...(relation.offset === null ? [] : [relation.offset])];
  }
}

interface Pulled {
  readonly relation: Relation;
  /** Conditions between columns that `relation` shows and outer columns. */
  readonly on: readonly Bound[];
}

function pull(context: BindContext, relation: Relation, at: number | null): Pulled | null {
  if (!isCorrelated(relation)) return { relation, on: [] };
  switch (relation.kind) {
    case 'filter': {
      const input = pull(context, relation.input, at);
      if (input === null) return null;
      const [own, outer]: [Bound[], Bound[]] = [[], []];
      for (const part of conjuncts(relation.predicate)) (readsOuter(input.relation, part) ? outer : own).push(part);
      const predicate = conjunction(own);
      return { relation: predicate === null ? input.relation : { kind: 'filter', input: input.relation, predicate }, on: [...input.on, ...outer] };
    }
    case 'project': {
      const input = pull(context, relation.input, at);
      // A constant or outer column in the select list of EXISTS is never read.
      const items = relation.items.filter(({ expr }) => input !== null && !readsOuter(input.relation, expr));
      if (input === null) return null;
      const passed = needed(input.on, input.relation).filter((column) => !items.some((item) => item.column === column));
      return { relation: { kind: 'project', input: input.relation, items: [...items, ...passed.map((column) => ({ column, expr: columnRef(column) }))] }, on: input.on };
    }
    case 'join': {
      if (relation.join !== 'inner') break;
      const left = pull(context, relation.left, at);
      const right = pull(context, relation.right, at);
      if (left === null || right === null) return null;
      const joined: Relation = { ...relation, left: left.relation, right: right.relation };
      const [own, outer]: [Bound[], Bound[]] = [[], []];
      for (const part of conjuncts(relation.on)) (readsOuter(joined, part) ? outer : own).push(part);
      return { relation: { ...joined, on: conjunction(own) }, on: [...left.on, ...right.on, ...outer] };
    }
    case 'test': case 'lookup': {
      const input = pull(context, relation.input, at);
      if (input === null || isCorrelatedBeyond(relation, input.relation)) break;
      return { relation: { ...relation, input: input.relation }, on: input.on };
    }
    // Without GROUP BY it has a row whatever matches, so its condition cannot move out of it.
    case 'aggregate': if (relation.keys.length > 0) return pullAggregate(context, relation, at);
  }
  context.refusals.add('bind/correlated', at, {});
  return null;
}

/** Whether the subquery inside reads more than its own input. */
function isCorrelatedBeyond(relation: Extract<Relation, { kind: 'test' | 'lookup' }>, input: Relation): boolean {
  return isCorrelated({ ...relation, input });
}

/** Equalities with outer values become keys: each outer row finds the group that has its values. */
function pullAggregate(context: BindContext, relation: Extract<Relation, { kind: 'aggregate' }>, at: number | null): Pulled | null {
  const input = pull(context, relation.input, at);
  if (input === null) return null;
  const keys: Item[] = [...relation.keys];
  const on: Bound[] = [];
  for (const part of input.on) {
    if (part.kind !== 'compare' || part.op !== '=') {
      context.refusals.add('bind/correlated', at, {});
      return null;
    }
    const sides = [part.left, part.right].map((side) => ({ side, outer: readsOuter(input.relation, side), inner: [...columnsIn(side)].some((column) => produces(input.relation, column)) }));
    const [a, b] = sides;
    const inner = a !== undefined && !a.outer && a.inner ? a : b !== undefined && !b.outer && b.inner ? b : null;
    const outer = sides.find((side) => side !== inner);
    if (inner === null || outer === undefined || outer.inner || relation.sets !== null) {
      context.refusals.add('bind/correlated', at, {});
      return null;
    }
    const item = itemFor(context, 'key', inner.side, keys);
    if (!keys.some(({ column }) => column === item.column)) keys.push(item);
    on.push({ ...part, left: columnRef(item.column), right: outer.side });
  }
  if (relation.aggregates.some(({ call }) => [...call.args, ...(call.filter === null ? [] : [call.filter])].some((part) => readsOuter(input.relation, part)))) {
    context.refusals.add('bind/correlated', at, {});
    return null;
  }
  return { relation: { ...relation, input: input.relation, keys }, on };
}

const readsOuter = (relation: Relation, expr: Bound): boolean => [...columnsIn(expr)].some((column) => !produces(relation, column));

/** Columns of the relation that the conditions read. */
function needed(on: readonly Bound[], relation: Relation): readonly Column[] {
  return [...new Set(on.flatMap((part) => [...columnsIn(part)]))].filter((column) => produces(relation, column));
}
