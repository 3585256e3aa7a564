/**
 * Above the gate every column has a companion flag: true in rows where it was computed from a withheld value. A flagged value
 * is shown as withheld. Flags follow values through expressions (OR), aggregates and windows (bool_or); in conditions, joins
 * and orderings a withheld value is plain NULL and flags nothing.
 */
import { assertNever } from '#contract/result.ts';
import type { BindContext } from '../bind/context.ts';
import { boundLiteral, callParts, columnRef, columnsIn, type Bound } from '../expression.ts';
import { AGGREGATES } from '../functions/aggregates.ts';
import { WINDOWS } from '../functions/windows.ts';
import { columnsOf, type AggregateCall, type Column, type Item, type Relation, type WindowCall } from '../relation.ts';

/** The flag of each column that may be withheld. */
export type Flags = ReadonlyMap<Column, Column>;

interface Flagged {
  readonly relation: Relation;
  readonly flags: Flags;
}

const FALSE = boundLiteral('BOOLEAN', 'false');

export class FlagRewriter {
  readonly #context: BindContext;
  /** Value columns of each gate: they are the ones that can be withheld. */
  readonly #values: (gate: number) => readonly Column[];
  /** Value columns by flag column, for naming the columns of released tables. */
  readonly flagOf = new Map<Column, Column>();

  constructor(context: BindContext, values: (gate: number) => readonly Column[]) {
    this.#context = context;
    this.#values = values;
  }

  rewrite(relation: Relation): Flagged {
    switch (relation.kind) {
      case 'gate': return this.#gate(relation);
      case 'scan': case 'values': case 'single': return { relation, flags: new Map() };
      case 'filter': case 'sort': case 'limit': {
        const input = this.rewrite(relation.input);
        return { relation: { ...relation, input: input.relation }, flags: input.flags };
      }
      case 'project': return this.#project(relation);
      case 'join': {
        const [left, right] = [this.rewrite(relation.left), this.rewrite(relation.right)];
        return { relation: { ...relation, left: left.relation, right: right.relation }, flags: new Map([...left.flags, ...right.flags]) };
      }
      case 'test': {
        const [input, sub] = [this.rewrite(relation.input), this.rewrite(relation.sub)];
        const flag = this.#or(relation.test.kind === 'any' ? [relation.test.left] : [], input.flags);
        const tested: Relation = { ...relation, input: input.relation, sub: sub.relation };
        return flag === null ? { relation: tested, flags: input.flags } : this.#withComputed(tested, input.flags, [[relation.column, flag]]);
      }
      case 'lookup': return this.#lookup(relation);
      case 'aggregate': return this.#aggregate(relation);
      case 'window': return this.#window(relation);
      case 'distinct': return this.#distinct(relation);
      case 'set-operation': return this.#setOperation(relation);
      default: return assertNever(relation);
    }
  }

  #new(of: Column, expr: Bound): Column {
    return this.#context.column(`withheld ${of.name}`, 'BOOLEAN', { kind: 'computed', expr });
  }

  #gate(relation: Extract<Relation, { kind: 'gate' }>): Flagged {
    const values = this.#values(relation.gate).filter((column) => relation.columns.includes(column));
    const flags = values.map((column) => [column, this.#context.column('withheld', 'BOOLEAN', { kind: 'released', gate: relation.gate, role: 'flag' })] as const);
    for (const [column, flag] of flags) this.flagOf.set(flag, column);
    return { relation: { ...relation, columns: [...relation.columns, ...flags.map(([, flag]) => flag)] }, flags: new Map(flags) };
  }

  /** OR of the flags of all columns that the expressions read; null where none can be withheld. */
  #or(exprs: readonly Bound[], flags: Flags): Bound | null {
    const found = [...new Set(exprs.flatMap((expr) => [...columnsIn(expr)]).flatMap((column) => flags.get(column) ?? []))];
    const [first, ...others] = found.map((flag) => columnRef(flag));
    if (first === undefined) return null;
    return others.length === 0 ? first : { kind: 'or', args: [first, ...others], type: 'BOOLEAN', at: null };
  }

  #project(relation: Extract<Relation, { kind: 'project' }>): Flagged {
    const input = this.rewrite(relation.input);
    const items: Item[] = [...relation.items];
    const flags = new Map<Column, Column>();
    for (const { column, expr } of relation.items) {
      const flag = this.#or([expr], input.flags);
      if (flag === null) continue;
      const own = flag.kind === 'column' ? flag.column : this.#new(column, flag);
      flags.set(column, own);
      if (!items.some((item) => item.column === own)) items.push({ column: own, expr: flag });
    }
    return { relation: { ...relation, input: input.relation, items }, flags };
  }

  /** Adds computed flags to a relation. */
  #withComputed(relation: Relation, flags: Flags, computed: readonly (readonly [Column, Bound])[]): Flagged {
    const items: Item[] = columnsOf(relation).map((column) => ({ column, expr: columnRef(column) }));
    const all = new Map(flags);
    for (const [column, expr] of computed) {
      const flag = expr.kind === 'column' ? expr.column : this.#new(column, expr);
      if (!items.some((item) => item.column === flag)) items.push({ column: flag, expr });
      all.set(column, flag);
    }
    return { relation: { kind: 'project', input: relation, items }, flags: all };
  }

  #lookup(relation: Extract<Relation, { kind: 'lookup' }>): Flagged {
    const [input, sub] = [this.rewrite(relation.input), this.rewrite(relation.sub)];
    const looked: Relation = { ...relation, input: input.relation, sub: sub.relation };
    const flag = sub.flags.get(relation.value);
    if (flag === undefined) return { relation: looked, flags: input.flags };
    const found = this.#context.column('withheld', 'BOOLEAN', { kind: 'lookup', column: flag });
    return { relation: { ...looked, input: looked, value: flag, column: found }, flags: new Map([...input.flags, [relation.column, found]]) };
  }

  #aggregate(relation: Extract<Relation, { kind: 'aggregate' }>): Flagged {
    const input = this.rewrite(relation.input);
    const flags = new Map<Column, Column>();
    const added: { column: Column; call: AggregateCall }[] = [];
    const add = (of: Column, arg: Bound): void => {
      const call = anyOf(arg);
      const column = this.#context.column('withheld', 'BOOLEAN', { kind: 'aggregate', call });
      added.push({ column, call });
      flags.set(of, column);
    };
    for (const { column, expr } of relation.keys) {
      const flag = this.#or([expr], input.flags);
      if (flag !== null) add(column, flag);
    }
    for (const { column, call } of relation.aggregates) {
      const flag = aggregatedFlag(this.#or(callParts({ ...call, filter: null }), input.flags), call.filter, call.filter === null ? null : this.#or([call.filter], input.flags));
      if (flag !== null) add(column, flag);
    }
    return { relation: { ...relation, input: input.relation, aggregates: [...relation.aggregates, ...added] }, flags };
  }

  #window(relation: Extract<Relation, { kind: 'window' }>): Flagged {
    const input = this.rewrite(relation.input);
    const flags = new Map(input.flags);
    const items = [...relation.items];
    for (const { column, call } of relation.items) {
      const own = WINDOWS.get(call.name);
      if (own !== undefined && !own.takesValue) continue;
      const flag = aggregatedFlag(this.#or(call.args.slice(0, own === undefined ? undefined : 1), input.flags), call.filter, call.filter === null ? null : this.#or([call.filter], input.flags));
      if (flag === null) continue;
      // A value that is handed on as it is takes its flag with it; of an aggregate any flagged row flags it.
      const windowed: WindowCall = own === undefined
        ? { ...call, name: 'bool_or', args: [flag], distinct: false, filter: null, order: [], type: 'BOOLEAN' }
        : { ...call, args: [flag, ...call.args.slice(1, 2), ...(call.args.length > 2 ? [FALSE] : [])], type: 'BOOLEAN' };
      const of = this.#context.column('withheld', 'BOOLEAN', { kind: 'window', call: windowed });
      items.push({ column: of, call: windowed });
      flags.set(column, of);
    }
    return { relation: { ...relation, input: input.relation, items }, flags };
  }

  /** Rows that are equal in their values are one row, flagged where any of them is. */
  #distinct(relation: Extract<Relation, { kind: 'distinct' }>): Flagged {
    const input = this.rewrite(relation.input);
    if (relation.on.length > 0 || input.flags.size === 0) return { relation: { ...relation, input: input.relation }, flags: input.flags };
    return this.#grouped(input, columnsOf(relation.input));
  }

  #grouped(input: Flagged, columns: readonly Column[]): Flagged {
    const flags = new Map<Column, Column>();
    const aggregates = columns.flatMap((column) => {
      const flag = input.flags.get(column);
      if (flag === undefined) return [];
      const call = anyOf(columnRef(flag));
      const of = this.#context.column('withheld', 'BOOLEAN', { kind: 'aggregate', call });
      flags.set(column, of);
      return [{ column: of, call }];
    });
    return { relation: { kind: 'aggregate', input: input.relation, keys: columns.map((column) => ({ column, expr: columnRef(column) })), aggregates, sets: null, groupings: [], at: null }, flags };
  }

  #setOperation(relation: Extract<Relation, { kind: 'set-operation' }>): Flagged {
    const [left, right] = [this.rewrite(relation.left), this.rewrite(relation.right)];
    if (left.flags.size === 0 && right.flags.size === 0) return { relation: { ...relation, left: left.relation, right: right.relation }, flags: new Map() };
    const [leftColumns, rightColumns] = [columnsOf(relation.left), columnsOf(relation.right)];
    if (relation.op !== 'union') return this.#keepingLeftFlags(relation, left, right, leftColumns, rightColumns);
    const flagged = relation.columns.flatMap((column, i) => {
      const [l, r] = [leftColumns[i], rightColumns[i]].map((of, side) => (of === undefined ? undefined : (side === 0 ? left : right).flags.get(of)));
      return l === undefined && r === undefined ? [] : [{ column, l, r, flag: this.#context.column('withheld', 'BOOLEAN', { kind: 'combined', parts: [l, r].filter((part) => part !== undefined) }) }];
    });
    const side = (of: Flagged, columns: readonly Column[], which: 'l' | 'r'): Relation => ({
      kind: 'project', input: of.relation,
      items: [...columns.map((column) => ({ column, expr: columnRef(column) })), ...flagged.map((entry) => {
        const expr = entry[which] === undefined ? FALSE : columnRef(entry[which]);
        return { column: this.#new(entry.column, expr), expr };
      })],
    });
    const all: Relation = { ...relation, all: true, left: side(left, leftColumns, 'l'), right: side(right, rightColumns, 'r'), columns: [...relation.columns, ...flagged.map(({ flag }) => flag)] };
    const united: Flagged = { relation: all, flags: new Map(flagged.map(({ column, flag }) => [column, flag])) };
    return relation.all ? united : this.#grouped(united, relation.columns);
  }

  /** INTERSECT and EXCEPT compare values; the rows that remain are rows of the left side and keep its flags. */
  #keepingLeftFlags(relation: Extract<Relation, { kind: 'set-operation' }>, left: Flagged, right: Flagged, leftColumns: readonly Column[], rightColumns: readonly Column[]): Flagged {
    const only = (of: Flagged, columns: readonly Column[]): Relation => ({ kind: 'project', input: of.relation, items: columns.map((column) => ({ column, expr: columnRef(column) })) });
    const kept: Relation = { ...relation, left: only(left, leftColumns), right: only(right, rightColumns) };
    if (left.flags.size === 0) return { relation: kept, flags: new Map() };
    const grouped = this.#grouped(left, leftColumns);
    const equal = relation.columns.flatMap((column, i): Bound[] => {
      const other = leftColumns[i];
      return other === undefined ? [] : [{ kind: 'compare', op: 'IS NOT DISTINCT FROM', left: columnRef(column), right: columnRef(other), type: 'BOOLEAN', at: null }];
    });
    const on: Bound = { kind: 'and', args: equal, type: 'BOOLEAN', at: null };
    const flags = new Map(relation.columns.flatMap((column, i) => {
      const other = leftColumns[i];
      const flag = other === undefined ? undefined : grouped.flags.get(other);
      return flag === undefined ? [] : [[column, flag] as const];
    }));
    return { relation: { kind: 'join', join: 'left', left: kept, right: grouped.relation, on, at: null }, flags };
  }
}

/** A row that the filter leaves out flags nothing, unless whether it is left out is itself withheld. */
function aggregatedFlag(value: Bound | null, filter: Bound | null, filterFlag: Bound | null): Bound | null {
  const counted: Bound | null = value !== null && filter !== null ? { kind: 'and', args: [filter, value], type: 'BOOLEAN', at: null } : value;
  if (counted === null || filterFlag === null) return counted ?? filterFlag;
  return { kind: 'or', args: [counted, filterFlag], type: 'BOOLEAN', at: null };
}

function anyOf(arg: Bound): AggregateCall {
  const fn = AGGREGATES.get('bool_or');
  if (fn === undefined) throw new Error('bool_or is an aggregate');
  return { fn, args: [arg], distinct: false, filter: null, order: [], type: 'BOOLEAN', at: null };
}
