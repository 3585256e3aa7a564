/** Makes gates out of aggregations over protected rows: one for each grouping, and one for each column whose values matter. */
import type { BindContext } from '../bind/context.ts';
import type { Statistic } from '#contract/policy.ts';
import { boundLiteral, columnRef, conjunction, type Bound } from '../expression.ts';
import { columnsOf, type AggregateCall, type Column, type Item, type Relation } from '../relation.ts';
import type { RowBound } from './bounds.ts';
import { releasedColumns } from '../vet/uses.ts';
import { compose, countRows, meanOf, pickWindows, summarize, type Summary, type ValueNeed } from './compose.ts';
import { trimmedStatistic, trimmingOf, type Trimming } from './trimmed.ts';
import type { UnitClass } from './units.ts';

/** An aggregation over protected rows. */
export interface Gate {
  readonly id: number;
  /** Shows the columns that keys and aggregates read, and `units`. */
  readonly input: Relation;
  /** One for each kind of unit in the input, by kind. */
  readonly units: readonly UnitClass[];
  readonly bounds: readonly RowBound[];
  readonly keys: readonly Item[];
  readonly aggregates: readonly { readonly column: Column; readonly call: AggregateCall }[];
  /** The key that stands for the values of a column, and what is asked of them: its values are seen by nothing else. */
  readonly values: { readonly expr: Bound; readonly statistics: readonly Statistic[] } | null;
  /** Windows of units, the last key their position: the gate's only aggregate is the mean of each. */
  readonly windows: Windows | null;
  readonly at: number | null;
}

export interface Windows extends Trimming {
  /** The column that the last key shows; the planner makes it. */
  readonly position: Column;
  readonly statistics: readonly Statistic[];
}

/** What the gates of one aggregation have in common. */
export type GateRows = Pick<Gate, 'input' | 'units' | 'bounds' | 'at'>;

export class GateMaker {
  readonly all: Gate[] = [];
  readonly #context: BindContext;

  constructor(context: BindContext) {
    this.#context = context;
  }

  /** The gate of one grouping, and those of the values that its distinct and ordered statistics need. */
  oneGrouping(rows: GateRows, keys: readonly Item[], aggregates: Gate['aggregates']): Relation {
    const released = releasedColumns(rows.input);
    const composed = aggregates.map(({ column, call }) => {
      const [arg] = call.args;
      const trimming = arg === undefined || trimmedStatistic(call) === null ? null : trimmingOf(this.#context, arg, released);
      return { column, ...compose(this.#context, column, call, trimming) };
    });
    const direct = composed.flatMap((each) => each.direct);
    const shown = keys.map(({ column }) => column);
    // Without GROUP BY there is one row whatever the data: values need no table beside theirs.
    const isAlone = keys.length === 0 && direct.length === 0 && composed.length > 0;
    let relation: Relation = isAlone ? { kind: 'single' } : this.#newGate(rows, keys, direct, [...shown, ...direct.map(({ column }) => column)]);
    const values = Map.groupBy(composed.flatMap((each) => (each.values === null ? [] : [each.values])), ({ key }) => key);
    for (const needs of values.values()) relation = this.#withValues(relation, rows, keys, needs);
    if (composed.every(({ column, expr }) => expr.kind === 'column' && expr.column === column)) return relation;
    return { kind: 'project', input: relation, items: [...shown.map((column) => ({ column, expr: columnRef(column) })), ...composed.map(({ column, expr }) => ({ column, expr }))] };
  }

  #withValues(main: Relation, rows: GateRows, keys: readonly Item[], needs: readonly ValueNeed[]): Relation {
    const [first] = needs;
    if (first === undefined) return main;
    const input: Relation = first.filter === null ? rows.input : { kind: 'filter', input: rows.input, predicate: first.filter };
    const again = keys.map(({ column, expr }) => ({ column: this.#again(column), expr }));
    const summary = first.of.kind === 'window' ? this.#windows({ ...rows, input }, again, needs) : this.#values({ ...rows, input }, again, needs);
    const on = conjunction(keys.flatMap(({ column }, i): Bound[] => {
      const other = summary.keys[i];
      return other === undefined ? [] : [{ kind: 'compare', op: 'IS NOT DISTINCT FROM', left: columnRef(column), right: columnRef(other), type: 'BOOLEAN', at: null }];
    }));
    return { kind: 'join', join: 'left', left: main, right: summary.relation, on, at: null };
  }

  /**
   * A gate that has the value itself as a further key tells which values occur, each where enough units have it: from its
   * released table come numbers of distinct values, extremes and quantiles.
   */
  #values(rows: GateRows, keys: readonly Item[], needs: readonly ValueNeed[]): Summary {
    const [first] = needs;
    if (first === undefined) throw new Error('values are read for something');
    const value: Item = { column: this.#context.column('value', first.value.type, { kind: 'computed', expr: first.value }), expr: first.value };
    const count = countRows(this.#context);
    const shown = keys.map(({ column }) => column);
    const gate = this.#newGate(rows, [...keys, value], [count], [...shown, value.column, count.column], { values: { expr: first.value, statistics: statisticsOf(needs) } });
    return summarize(this.#context, gate, shown, value.column, count.column, needs);
  }

  /** A gate that has the windows of each group as rows: their means are the quantiles and extremes. */
  #windows(rows: GateRows, keys: readonly Item[], needs: readonly ValueNeed[]): Summary {
    const of = needs[0]?.of;
    if (of?.kind !== 'window') throw new Error('windows are read for something');
    const made = this.#context.column('position', 'INTEGER', { kind: 'constant' });
    const position: Item = { column: this.#again(made), expr: columnRef(made) };
    const mean = meanOf(this.#context, of.trimming.value);
    const shown = keys.map(({ column }) => column);
    const gate = this.#newGate(rows, [...keys, position], [mean], [...shown, position.column, mean.column], { windows: { ...of.trimming, position: made, statistics: statisticsOf(needs) } });
    return pickWindows(this.#context, gate, shown, position.column, mean.column, needs);
  }

  /** @param columns what the released table shows: the keys' columns, then the aggregates' */
  #newGate(rows: GateRows, keys: readonly Item[], aggregates: Gate['aggregates'], columns: readonly Column[], of: Partial<Pick<Gate, 'values' | 'windows'>> = {}): Relation {
    const gate: Gate = { id: this.all.length, ...rows, keys, aggregates, values: null, windows: null, ...of };
    this.all.push(gate);
    return { kind: 'gate', gate: gate.id, columns, keys: keys.length };
  }

  /** Each grouping is a gate of its own; their released tables, with NULL for the keys that they do not have, are the result. */
  groupingSets(rows: GateRows, relation: Extract<Relation, { kind: 'aggregate' }>, sets: readonly (readonly number[])[]): Relation {
    const columns = columnsOf(relation);
    const parts = sets.map((set): Relation => {
      const keys = [...new Set(set)].flatMap((i) => {
        const item = relation.keys[i];
        return item === undefined ? [] : [{ of: item.column, item: { column: this.#again(item.column), expr: item.expr } }];
      });
      const aggregates = relation.aggregates.map(({ column, call }) => ({ of: column, column: this.#again(column), call }));
      const gate = this.oneGrouping(rows, keys.map(({ item }) => item), aggregates.map(({ column, call }) => ({ column, call })));
      const shown = new Map([...keys.map(({ of, item }) => [of, item.column] as const), ...aggregates.map(({ of, column }) => [of, column] as const)]);
      return { kind: 'project', input: gate, items: columns.map((column) => {
        const grouping = relation.groupings.find((entry) => entry.column === column);
        const own = shown.get(column);
        const expr: Bound = grouping !== undefined ? bits(grouping.keys, set) : own === undefined ? { kind: 'cast', arg: boundLiteral('NULL', null), try: false, type: column.type, at: null } : columnRef(own);
        return { column: sets.length === 1 ? column : this.#context.column(column.name, column.type, { kind: 'computed', expr }), expr };
      }) };
    });
    const [first, ...others] = parts;
    if (first === undefined) throw new Error('a GROUP BY has a set');
    const united = (left: Relation, rest: readonly Relation[], shown: readonly Column[]): Relation => {
      const [next, ...after] = rest;
      if (next === undefined) return left;
      return { kind: 'set-operation', op: 'union', all: true, left, right: united(next, after, columns.map((column) => this.#again(column))), columns: shown, at: relation.at };
    };
    return united(first, others, columns);
  }

  /** Another column that is computed in the same way. */
  #again(column: Column): Column {
    return this.#context.column(column.name, column.type, column.from);
  }
}

const statisticsOf = (needs: readonly ValueNeed[]): readonly Statistic[] => [...new Set(needs.map(({ statistic }) => statistic))];

/** GROUPING(…): one bit for each argument, first one highest, set where the set does not have it. */
function bits(keys: readonly number[], set: readonly number[]): Bound {
  const value = keys.reduce((bits, key) => bits * 2 + (set.includes(key) ? 0 : 1), 0);
  return { kind: 'cast', arg: boundLiteral('INTEGER', String(value)), try: false, type: 'BIGINT', at: null };
}
