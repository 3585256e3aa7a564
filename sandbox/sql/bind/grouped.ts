/** The aggregation of one SELECT: expressions over rows become expressions over groups. */
import { columnRef, keyOf, partsOf, withParts, type Bound } from '../expression.ts';
import type { AggregateCall, Column, Item, Relation } from '../relation.ts';
import type { BindContext } from './context.ts';
import { itemFor } from './query.ts';
import { attach } from './subquery.ts';

export function hasAggregate(expr: Bound): boolean {
  return expr.kind === 'aggregate' || expr.kind === 'grouping' || partsOf(expr).some(hasAggregate);
}

export class Grouped {
  readonly #context: BindContext;
  #input: Relation;
  readonly #keys: Item[];
  readonly #byKey = new Map<string, Column>();
  readonly #sets: readonly (readonly number[])[] | null;
  readonly #aggregates: { readonly column: Column; readonly call: AggregateCall; readonly key: string }[] = [];
  readonly #groupings: { readonly column: Column; readonly keys: readonly number[] }[] = [];

  constructor(context: BindContext, input: Relation, keys: readonly Bound[], sets: readonly (readonly number[])[] | null) {
    this.#context = context;
    const attached = attach(context, input, keys);
    this.#input = attached.relation;
    // With grouping sets a key is NULL in rows of other sets: it is not the column that it was computed from.
    this.#keys = attached.exprs.map((expr, i) => {
      const item = itemFor(context, `key${i}`, expr);
      return sets === null || expr.kind !== 'column' ? item : { column: context.column(expr.column.name, expr.type, { kind: 'computed', expr }), expr };
    });
    keys.forEach((key, i) => {
      const item = this.#keys[i];
      if (item !== undefined && !this.#byKey.has(keyOf(key))) this.#byKey.set(keyOf(key), item.column);
    });
    // A key that is named twice is one key.
    this.#sets = sets;
  }

  /** The same value computed from groups. A column that is no key is refused. */
  lift(expr: Bound): Bound {
    const key = this.#byKey.get(keyOf(expr));
    // With grouping sets even a constant key is NULL where a set leaves it out.
    if (key !== undefined && (expr.kind !== 'literal' || this.#sets !== null)) return columnRef(key, expr.at);
    switch (expr.kind) {
      case 'aggregate': return columnRef(this.#aggregate(expr.call), expr.at);
      case 'grouping': return columnRef(this.#grouping(expr), expr.at);
      case 'column': {
        if (!this.#isOuter(expr.column)) this.#context.refusals.add('bind/not-grouped', expr.at, { name: expr.column.name });
        return expr;
      }
      default: return withParts(expr, (part) => this.lift(part));
    }
  }

  #isOuter(column: Column): boolean {
    return !produces(this.#input, column);
  }

  #aggregate(call: AggregateCall): Column {
    const key = keyOf({ kind: 'aggregate', call, type: call.type, at: null });
    const known = this.#aggregates.find((aggregate) => aggregate.key === key);
    if (known !== undefined) return known.column;
    const parts = [...call.args, ...(call.filter === null ? [] : [call.filter]), ...call.order.map(({ expr }) => expr)];
    const attached = attach(this.#context, this.#input, parts);
    this.#input = attached.relation;
    const [args, others] = [attached.exprs.slice(0, call.args.length), attached.exprs.slice(call.args.length)];
    const filter = call.filter === null ? null : (others[0] ?? call.filter);
    const order = call.order.map((term, i) => ({ ...term, expr: others[i + (call.filter === null ? 0 : 1)] ?? term.expr }));
    const settled: AggregateCall = { ...call, args, filter, order };
    const column = this.#context.column(call.fn.name, call.type, { kind: 'aggregate', call: settled });
    this.#aggregates.push({ column, call: settled, key });
    return column;
  }

  #grouping(expr: Extract<Bound, { kind: 'grouping' }>): Column {
    const keys = expr.args.map((arg) => this.#keys.findIndex((item) => item.column === this.#byKey.get(keyOf(arg))));
    if (keys.includes(-1)) this.#context.refusals.add('bind/grouping', expr.at, {});
    const column = this.#context.column('grouping', 'BIGINT', { kind: 'grouping', keys: keys.flatMap((key) => this.#keys[key]?.column ?? []) });
    this.#groupings.push({ column, keys });
    return column;
  }

  relation(at: number | null): Relation {
    const keys: Item[] = [];
    for (const item of this.#keys) if (this.#sets !== null || !keys.some(({ column }) => column === item.column)) keys.push(item);
    return {
      kind: 'aggregate', input: this.#input, keys, at,
      aggregates: this.#aggregates.map(({ column, call }) => ({ column, call })),
      sets: this.#sets, groupings: this.#groupings,
    };
  }
}

/** Whether some part of the relation shows the column. */
export function produces(relation: Relation, column: Column): boolean {
  switch (relation.kind) {
    case 'single': return false;
    case 'scan': case 'values': case 'gate': return relation.columns.includes(column);
    case 'filter': case 'distinct': case 'sort': case 'limit': return produces(relation.input, column);
    case 'project': return relation.items.some((item) => item.column === column);
    case 'join': return produces(relation.left, column) || produces(relation.right, column);
    case 'test': case 'lookup': return relation.column === column || produces(relation.input, column);
    case 'aggregate': return [...relation.keys, ...relation.aggregates, ...relation.groupings].some((item) => item.column === column);
    case 'window': return relation.items.some((item) => item.column === column) || produces(relation.input, column);
    case 'set-operation': return relation.columns.includes(column);
  }
}
