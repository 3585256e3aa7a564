/**
 * Finds the gates. Below a gate are rows of protected parties; the gate is the aggregation that leaves them behind; what is
 * above it works on released tables. Walks the relation from its tables upwards and decides of each node which it is.
 */
import { assertNever } from '#contract/result.ts';
import { boundLiteral, columnRef, conjunction, type Bound } from '../expression.ts';
import type { BindContext } from '../bind/context.ts';
import type { CatalogTable } from '../catalog.ts';
import type { Refusals } from '../refusals.ts';
import { columnsOf, type AggregateCall, type Column, type Item, type Relation } from '../relation.ts';
import { determines, equalities, equated, mergeBy, optional, unitClass, type UnitClass } from './units.ts';
import { compose, countRows, summarize, type ValueNeed } from './compose.ts';
import { joinBounds, scanBounds, type RowBound } from './bounds.ts';

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
  readonly at: number | null;
}

type GateRows = Pick<Gate, 'input' | 'units' | 'bounds' | 'at'>;

export interface GatedQuery {
  readonly gates: readonly Gate[];
  /** Reads `gate` relations and public tables only. */
  readonly rest: Relation;
}

/** `units` null: no row of it belongs to a protected party. */
type Side = { readonly relation: Relation; readonly units: null } | Protected;

interface Protected {
  readonly relation: Relation;
  readonly units: readonly UnitClass[];
  readonly bounds: readonly RowBound[];
}

/** Null where something was refused. */
export function split(context: BindContext, relation: Relation): GatedQuery | null {
  const splitter = new Splitter(context, outermost(relation));
  const top = splitter.visit(relation);
  if (top === null) return null;
  if (top.units !== null) {
    context.refusals.add('gate/unit-rows', null, { units: kindsOf(top.units) });
    return null;
  }
  return { gates: splitter.gates, rest: top.relation };
}

function outermost(relation: Relation): ReadonlySet<Relation> {
  const found = new Set<Relation>();
  for (let node: Relation | null = relation; node !== null;) {
    found.add(node);
    node = node.kind === 'limit' || node.kind === 'sort' || node.kind === 'project' || node.kind === 'filter' || node.kind === 'window' ? node.input : null;
  }
  return found;
}

const kindsOf = (units: readonly UnitClass[]): string => [...new Set(units.map(({ kind }) => kind))].sort().join(', ');

class Splitter {
  readonly gates: Gate[] = [];
  readonly #context: BindContext;
  readonly #refusals: Refusals;

  /** Nodes that nothing but the result follows: what they hold is the result. */
  readonly #outermost: ReadonlySet<Relation>;

  constructor(context: BindContext, outermost: ReadonlySet<Relation>) {
    this.#outermost = outermost;
    this.#context = context;
    this.#refusals = context.refusals;
  }

  visit(relation: Relation): Side | null {
    switch (relation.kind) {
      case 'scan': return relation.table.units.length === 0 ? { relation, units: null } : protectedScan(relation, relation.table);
      case 'values': case 'single': case 'gate': return { relation, units: null };
      case 'filter': {
        const input = this.visit(relation.input);
        if (input === null) return null;
        const filtered: Relation = { ...relation, input: input.relation };
        return input.units === null ? { relation: filtered, units: null } : { ...input, relation: filtered, units: mergeBy(relation.predicate, input.units) };
      }
      case 'project': return this.#project(relation);
      case 'join': return this.#join(relation);
      case 'test': return this.#test(relation);
      case 'lookup': return this.#lookup(relation);
      case 'aggregate': return this.#aggregate(relation);
      case 'distinct': return this.#distinct(relation);
      case 'window': return this.#above(relation, 'OVER', relation.at);
      case 'limit': return this.#above(relation, 'LIMIT', relation.at);
      case 'sort': {
        const input = this.visit(relation.input);
        if (input === null) return null;
        // Rows of protected parties have no order: nothing below a gate depends on one.
        return input.units === null ? { relation: { ...relation, input: input.relation }, units: null } : input;
      }
      case 'set-operation': return this.#setOperation(relation);
      default: return assertNever(relation);
    }
  }

  #above(relation: Extract<Relation, { kind: 'window' | 'limit' }>, name: string, at: number | null): Side | null {
    const input = this.visit(relation.input);
    if (input === null) return null;
    if (input.units === null) return { relation: { ...relation, input: input.relation }, units: null };
    if (this.#outermost.has(relation)) this.#refusals.add('gate/unit-rows', null, { units: kindsOf(input.units) });
    else this.#refusals.add('gate/below', at, { name });
    return null;
  }

  #project(relation: Extract<Relation, { kind: 'project' }>): Side | null {
    const input = this.visit(relation.input);
    if (input === null) return null;
    if (input.units === null) return { relation: { ...relation, input: input.relation }, units: null };
    let { units } = input;
    for (const { column, expr } of relation.items) {
      // A unit column under another name is the same unit.
      if (expr.kind === 'column' && column !== expr.column) units = units.map((unit) => alsoShownAs(unit, expr.column, column));
      // FULL JOIN … USING shows one unit column made of two.
      if (column.from.kind !== 'unit' || expr.kind !== 'coalesce') continue;
      const [first] = expr.args;
      units = units.map((unit) => (first?.kind === 'column' && unit.members.has(first.column) ? { ...unit, column, equals: new Set([column]), members: unit.members.union(new Set([column])), nullable: false } : unit));
    }
    return { ...input, units, relation: withColumns({ ...relation, input: input.relation }, units.map(({ column }) => column)) };
  }

  #join(relation: Extract<Relation, { kind: 'join' }>): Side | null {
    const left = this.visit(relation.left);
    const right = this.visit(relation.right);
    if (left === null || right === null) return null;
    const joined: Relation = { ...relation, left: left.relation, right: right.relation };
    if (left.units === null && right.units === null) return { relation: joined, units: null };
    const bounds = joinBounds(relation, left.units === null ? null : left.bounds, right.units === null ? null : right.bounds);
    const [keepsLeft, keepsRight] = [relation.join === 'left' || relation.join === 'full', relation.join === 'right' || relation.join === 'full'];
    const leftUnits = left.units ?? [];
    const rightUnits = right.units ?? [];
    if (!keepsLeft && !keepsRight) return { relation: joined, units: mergeBy(relation.on, [...leftUnits, ...rightUnits]), bounds };
    return this.#outerJoin(joined, relation.on, leftUnits, rightUnits, keepsLeft, keepsRight, bounds);
  }

  /** Units of the side that is kept stay as they are; of the other side they may be missing. */
  #outerJoin(joined: Relation, on: Bound | null, left: readonly UnitClass[], right: readonly UnitClass[], keepsLeft: boolean, keepsRight: boolean, bounds: readonly RowBound[]): Protected {
    let relation = joined;
    const done = new Set<UnitClass>();
    const units: UnitClass[] = [];
    for (const [a, b] of equalities(on)) {
      for (const [x, y] of equated(a, b, [...left, ...right])) {
        const [l, r] = left.includes(x) ? [x, y] : [y, x];
        if (!left.includes(l) || !right.includes(r) || done.has(l) || done.has(r)) continue;
        done.add(l).add(r);
        const members = l.members.union(r.members);
        if (keepsLeft && keepsRight) {
          const column = this.#context.column(l.column.name, l.column.type, l.column.from);
          const expr: Bound = { kind: 'coalesce', args: [columnRef(l.column), columnRef(r.column)], type: column.type, at: null };
          relation = { kind: 'project', input: relation, items: [...columnsOf(relation).map((shown) => ({ column: shown, expr: columnRef(shown) })), { column, expr }] };
          units.push({ kind: l.kind, column, equals: new Set([column]), members: members.union(new Set([column])), nullable: l.nullable || r.nullable });
        } else {
          const kept = keepsLeft ? l : r;
          units.push({ ...kept, members });
        }
      }
    }
    for (const unit of left) if (!done.has(unit)) units.push(keepsRight ? optional(unit) : unit);
    for (const unit of right) if (!done.has(unit)) units.push(keepsLeft ? optional(unit) : unit);
    return { relation, units, bounds };
  }

  /** A subquery over protected rows must be about the same unit as the row that it is asked for. */
  #test(relation: Extract<Relation, { kind: 'test' }>): Side | null {
    const input = this.visit(relation.input);
    const sub = this.visit(relation.sub);
    if (input === null || sub === null) return null;
    const { test } = relation;
    const linking = test.kind === 'any' && test.op === '=' ? conjunction([...(relation.on === null ? [] : [relation.on]), { kind: 'compare', op: '=', left: test.left, right: columnRef(test.right), type: 'BOOLEAN', at: relation.at }]) : relation.on;
    return this.#attached({ ...relation, input: input.relation, sub: sub.relation }, input, sub, linking, relation.at);
  }

  #lookup(relation: Extract<Relation, { kind: 'lookup' }>): Side | null {
    const input = this.visit(relation.input);
    const sub = this.visit(relation.sub);
    if (input === null || sub === null) return null;
    return this.#attached({ ...relation, input: input.relation, sub: sub.relation }, input, sub, relation.on, relation.at);
  }

  #attached(relation: Relation, input: Side, sub: Side, linking: Bound | null, at: number | null): Side | null {
    if (sub.units === null) return input.units === null ? { relation, units: null } : { ...input, relation };
    const own = input.units ?? [];
    const linked = new Set<UnitClass>();
    for (const [a, b] of equalities(linking, true)) {
      for (const pair of equated(a, b, [...own, ...sub.units])) for (const unit of pair) if (sub.units.includes(unit)) linked.add(unit);
    }
    if (input.units === null || sub.units.some((unit) => !linked.has(unit))) {
      this.#refusals.add('join/not-on-unit', at, { units: kindsOf(sub.units) });
      return null;
    }
    return { ...input, relation };
  }

  #aggregate(relation: Extract<Relation, { kind: 'aggregate' }>): Side | null {
    const input = this.visit(relation.input);
    if (input === null) return null;
    if (input.units === null) return { relation: { ...relation, input: input.relation }, units: null };
    return this.#grouped(relation, input);
  }

  /** @param input the split input of the relation */
  #grouped(relation: Extract<Relation, { kind: 'aggregate' }>, input: Protected): Side | null {
    const plainKeys = relation.keys.flatMap(({ expr }) => (expr.kind === 'column' ? [expr.column] : []));
    const kept = input.units.filter((unit) => determines(plainKeys, unit));
    if (kept.length === 0) return this.#gate(relation, input);
    if (kept.length < input.units.length) {
      this.#refusals.add('gate/some-units', relation.at ?? relation.keys[0]?.expr.at ?? null, { kept: kindsOf(kept), lost: kindsOf(input.units.filter((unit) => !kept.includes(unit))) });
      return null;
    }
    // Keys that some set leaves out determine no unit there.
    if (relation.sets !== null) {
      this.#refusals.add('gate/below', relation.at ?? relation.keys[0]?.expr.at ?? null, { name: 'GROUPING SETS' });
      return null;
    }
    return this.#perUnit(relation, input);
  }

  /** Groups within one unit: rows of protected parties still. The unit goes along as a key, which changes no group. */
  #perUnit(relation: Extract<Relation, { kind: 'aggregate' }>, input: Protected): Side {
    const keys = [...relation.keys];
    for (const { column } of input.units) if (!keys.some((key) => key.column === column)) keys.push({ column, expr: columnRef(column) });
    const onlyUnits = relation.keys.every(({ expr }) => expr.kind === 'column' && input.units.some((unit) => unit.equals.has(expr.column)));
    return {
      relation: { ...relation, input: input.relation, keys },
      units: input.units.map((unit) => ({ ...unit, equals: unit.equals.intersection(new Set(keys.map(({ column }) => column))), members: unit.members })),
      bounds: onlyUnits && input.units.length === 1 ? input.bounds.map((bound) => ({ ...bound, rows: 1, from: 'GROUP BY' })) : input.bounds,
    };
  }

  #gate(relation: Extract<Relation, { kind: 'aggregate' }>, input: Protected): Side | null {
    const units = this.#oneOfEachKind(input, relation.at);
    if (units === null) return null;
    for (const { column, expr } of relation.keys) {
      if (expr.kind === 'column' && column.from.kind === 'unit') {
        this.#refusals.add('unit/opaque', expr.at ?? relation.at, { name: column.name });
        return null;
      }
    }
    const rows: GateRows = { input: input.relation, units, bounds: input.bounds, at: relation.at };
    if (relation.sets === null) return { relation: this.#oneGrouping(rows, relation.keys, relation.aggregates), units: null };
    return { relation: this.#groupingSets(rows, relation, relation.sets), units: null };
  }

  /** The gate of one grouping, and those of the values that its distinct and ordered statistics need. */
  #oneGrouping(rows: GateRows, keys: readonly Item[], aggregates: Gate['aggregates']): Relation {
    const composed = aggregates.map(({ column, call }) => ({ column, ...compose(this.#context, column, call) }));
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

  /**
   * A gate that has the value itself as a further key tells which values occur, each where enough units have it: from its
   * released table come numbers of distinct values, extremes and quantiles.
   */
  #withValues(main: Relation, rows: GateRows, keys: readonly Item[], needs: readonly ValueNeed[]): Relation {
    const [first] = needs;
    if (first === undefined) return main;
    const input: Relation = first.filter === null ? rows.input : { kind: 'filter', input: rows.input, predicate: first.filter };
    const again = keys.map(({ column, expr }) => ({ column: this.#again(column), expr }));
    const value: Item = { column: this.#context.column('value', first.value.type, { kind: 'computed', expr: first.value }), expr: first.value };
    const count = countRows(this.#context);
    const gate = this.#newGate({ ...rows, input }, [...again, value], [count], [...again.map(({ column }) => column), value.column, count.column]);
    const summary = summarize(this.#context, gate, again.map(({ column }) => column), value.column, count.column, needs);
    const on = conjunction(keys.flatMap(({ column }, i): Bound[] => {
      const other = summary.keys[i];
      return other === undefined ? [] : [{ kind: 'compare', op: 'IS NOT DISTINCT FROM', left: columnRef(column), right: columnRef(other), type: 'BOOLEAN', at: null }];
    }));
    return { kind: 'join', join: 'left', left: main, right: summary.relation, on, at: null };
  }

  /** @param columns what the released table shows: the keys' columns, then the aggregates' */
  #newGate(rows: GateRows, keys: readonly Item[], aggregates: Gate['aggregates'], columns: readonly Column[]): Relation {
    const gate: Gate = { id: this.gates.length, ...rows, keys, aggregates };
    this.gates.push(gate);
    return { kind: 'gate', gate: gate.id, columns, keys: keys.length };
  }

  /** Each grouping is a gate of its own; their released tables, with NULL for the keys that they do not have, are the result. */
  #groupingSets(rows: GateRows, relation: Extract<Relation, { kind: 'aggregate' }>, sets: readonly (readonly number[])[]): Relation {
    const columns = columnsOf(relation);
    const parts = sets.map((set): Relation => {
      const keys = [...new Set(set)].flatMap((i) => {
        const item = relation.keys[i];
        return item === undefined ? [] : [{ of: item.column, item: { column: this.#again(item.column), expr: item.expr } }];
      });
      const aggregates = relation.aggregates.map(({ column, call }) => ({ of: column, column: this.#again(column), call }));
      const gate = this.#oneGrouping(rows, keys.map(({ item }) => item), aggregates.map(({ column, call }) => ({ column, call })));
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

  #oneOfEachKind(input: Protected, at: number | null): readonly UnitClass[] | null {
    const byKind = Map.groupBy(input.units, ({ kind }) => kind);
    const apart = [...byKind].filter(([, classes]) => classes.length > 1).map(([kind]) => kind);
    const connected = apart.length === 0;
    if (!connected) this.#refusals.add('join/not-on-unit', joinPosition(input.relation) ?? at, { units: apart.sort().join(', ') });
    return connected ? input.units.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)) : null;
  }

  #distinct(relation: Extract<Relation, { kind: 'distinct' }>): Side | null {
    const input = this.visit(relation.input);
    if (input === null) return null;
    if (input.units === null) return { relation: { ...relation, input: input.relation }, units: null };
    if (relation.on.length > 0) {
      this.#refusals.add('gate/below', relation.at, { name: 'DISTINCT ON' });
      return null;
    }
    const shown = columnsOf(relation.input);
    return this.#grouped({ kind: 'aggregate', input: relation.input, keys: shown.map((column) => ({ column, expr: columnRef(column) })), aggregates: [], sets: null, groupings: [], at: relation.at }, input);
  }

  #setOperation(relation: Extract<Relation, { kind: 'set-operation' }>): Side | null {
    const left = this.visit(relation.left);
    const right = this.visit(relation.right);
    if (left === null || right === null) return null;
    if (left.units === null && right.units === null) return { relation: { ...relation, left: left.relation, right: right.relation }, units: null };
    if (relation.op !== 'union') return this.#comparedRows(relation);
    const united = this.#unionAll({ ...relation, all: true }, left, right);
    if (united === null || relation.all) return united;
    return this.#grouped({ kind: 'aggregate', input: united.relation, keys: relation.columns.map((column) => ({ column, expr: columnRef(column) })), aggregates: [], sets: null, groupings: [], at: relation.at }, united);
  }

  /** Rows of units of the same kinds, one below the other: each kind's unit is one more column of both. */
  #unionAll(relation: Extract<Relation, { kind: 'set-operation' }>, left: Side, right: Side): Protected | null {
    const [l, r] = [left, right].map((side) => (side.units === null ? [] : this.#oneOfEachKind(side, relation.at)));
    if (l === undefined || r === undefined || l === null || r === null) return null;
    if (kindsOf(l) !== kindsOf(r)) {
      this.#refusals.add('gate/union', relation.at, { left: kindsOf(l) || '—', right: kindsOf(r) || '—' });
      return null;
    }
    const [leftColumns, rightColumns] = [columnsOf(relation.left), columnsOf(relation.right)];
    const units = l.map((unit): { readonly unit: UnitClass; readonly left: Column; readonly right: Column } => {
      const other = r.find(({ kind }) => kind === unit.kind)?.column ?? unit.column;
      const column = this.#context.column(unit.kind, unit.column.type, unit.column.from.kind === 'unit' ? { ...unit.column.from, scan: this.#context.scan() ?? -1 } : unit.column.from);
      const nullable = unit.nullable || (r.find(({ kind }) => kind === unit.kind)?.nullable ?? false);
      // A column that shows the unit of either side shows the unit of the union.
      const same = relation.columns.filter((_, i) => leftColumns[i] !== undefined && rightColumns[i] !== undefined && unit.equals.has(leftColumns[i]) && (r.find(({ kind }) => kind === unit.kind)?.equals.has(rightColumns[i]) ?? false));
      return { unit: { kind: unit.kind, column, equals: nullable ? new Set() : new Set([column, ...same]), members: new Set([column, ...same]), nullable }, left: unit.column, right: other };
    });
    const withUnits = (side: Side, columns: readonly Column[], which: 'left' | 'right'): Relation => ({
      kind: 'project', input: side.relation,
      items: [...columns.map((column) => ({ column, expr: columnRef(column) })), ...units.map((entry) => {
        const expr = columnRef(entry[which]);
        return { column: this.#context.column('unit', entry[which].type, { kind: 'computed', expr }), expr };
      })],
    });
    const bounds = units.map(({ unit: { kind } }): RowBound => {
      const [a, b] = [left, right].map((side) => side.units === null ? undefined : side.bounds.find((bound) => bound.kind === kind));
      return { kind, rows: a?.rows == null || b?.rows == null ? null : a.rows + b.rows, from: [a?.from, b?.from].filter((text) => text !== undefined).join('; ') };
    });
    return {
      relation: { ...relation, left: withUnits(left, leftColumns, 'left'), right: withUnits(right, rightColumns, 'right'), columns: [...relation.columns, ...units.map(({ unit }) => unit.column)] },
      units: units.map(({ unit }) => unit),
      bounds,
    };
  }

  /** INTERSECT and EXCEPT of rows of units: the distinct rows of the left side that have, or have not, an equal row on the right. */
  #comparedRows(relation: Extract<Relation, { kind: 'set-operation' }>): Side | null {
    if (relation.all) {
      this.#refusals.add('gate/below', relation.at, { name: `${relation.op.toUpperCase()} ALL` });
      return null;
    }
    const [leftColumns, rightColumns] = [columnsOf(relation.left), columnsOf(relation.right)];
    const equal = leftColumns.flatMap((column, i): Bound[] => {
      const other = rightColumns[i];
      return other === undefined ? [] : [{ kind: 'compare', op: 'IS NOT DISTINCT FROM', left: columnRef(column), right: columnRef(other), type: 'BOOLEAN', at: relation.at }];
    });
    const exists = this.#context.column('exists', 'BOOLEAN', { kind: 'test', uses: equal });
    const is = columnRef(exists);
    const tested: Relation = {
      kind: 'filter', predicate: relation.op === 'intersect' ? is : { kind: 'not', arg: is, type: 'BOOLEAN', at: relation.at },
      input: { kind: 'test', input: relation.left, sub: relation.right, test: { kind: 'exists' }, on: conjunction(equal), column: exists, at: relation.at },
    };
    // The columns that the set operation shows are those of its left side.
    const renamed: Relation = { kind: 'project', input: tested, items: relation.columns.map((column, i) => ({ column, expr: columnRef(leftColumns[i] ?? column) })) };
    return this.visit({ kind: 'distinct', input: renamed, on: [], order: [], at: relation.at });
  }
}

/** GROUPING(…): one bit for each argument, first one highest, set where the set does not have it. */
function bits(keys: readonly number[], set: readonly number[]): Bound {
  const value = keys.reduce((bits, key) => bits * 2 + (set.includes(key) ? 0 : 1), 0);
  return { kind: 'cast', arg: boundLiteral('INTEGER', String(value)), try: false, type: 'BIGINT', at: null };
}

function protectedScan(relation: Relation, table: CatalogTable): Protected {
  const columns = columnsOf(relation);
  const units = table.units.flatMap(({ kind }) => columns.filter(({ from }) => from.kind === 'unit' && from.unit === kind).slice(0, 1).map((column) => unitClass(kind, column)));
  return { relation, units, bounds: scanBounds(table) };
}

function alsoShownAs(unit: UnitClass, column: Column, alias: Column): UnitClass {
  if (!unit.members.has(column)) return unit;
  return { ...unit, members: new Set([...unit.members, alias]), equals: unit.equals.has(column) ? new Set([...unit.equals, alias]) : unit.equals };
}

/** The projection with further columns of its input. */
function withColumns(relation: Extract<Relation, { kind: 'project' }>, columns: readonly Column[]): Relation {
  const missing = columns.filter((column) => !relation.items.some((item) => item.column === column));
  return missing.length === 0 ? relation : { ...relation, items: [...relation.items, ...missing.map((column) => ({ column, expr: columnRef(column) }))] };
}

/** Where the operator wrote the outermost join. */
function joinPosition(relation: Relation): number | null {
  switch (relation.kind) {
    case 'join': return relation.at ?? joinPosition(relation.left);
    case 'filter': case 'project': case 'test': case 'lookup': case 'aggregate': return joinPosition(relation.input);
    default: return null;
  }
}
