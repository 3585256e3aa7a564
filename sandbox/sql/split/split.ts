/**
 * Finds the gates. Below a gate are rows of protected parties; the gate is the aggregation that leaves them behind; what is
 * above it works on released tables. Walks the relation from its tables upwards and decides of each node which it is.
 */
import { assertNever } from '#contract/result.ts';
import { columnRef, conjunction, type Bound } from '../expression.ts';
import type { BindContext } from '../bind/context.ts';
import type { CatalogTable } from '../catalog.ts';
import type { Refusals } from '../refusals.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';
import { determines, equalities, equated, mergeBy, optional, unitClass, type UnitClass } from './units.ts';
import { joinBounds, scanBounds, type RowBound } from './bounds.ts';
import { GateMaker, type Gate, type GateRows } from './gates.ts';
import { kindsOf, type Protected, type Side } from './protected.ts';
import { unionAll } from './union.ts';
import { isProtected } from '../vet/multiplicity.ts';

export interface GatedQuery {
  readonly gates: readonly Gate[];
  /** Reads `gate` relations and public tables only. */
  readonly rest: Relation;
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

/** Nodes from which rows reach the result as they are. */
function outermost(relation: Relation): ReadonlySet<Relation> {
  const found = new Set<Relation>();
  for (let node: Relation | null = relation; node !== null;) {
    found.add(node);
    node = node.kind === 'limit' || node.kind === 'sort' || node.kind === 'project' || node.kind === 'filter' || node.kind === 'window' ? node.input : null;
  }
  return found;
}

class Splitter {
  readonly #gates: GateMaker;
  readonly #context: BindContext;
  readonly #refusals: Refusals;

  /** Nodes that nothing but the result follows: what they hold is the result. */
  readonly #outermost: ReadonlySet<Relation>;

  constructor(context: BindContext, outermost: ReadonlySet<Relation>) {
    this.#outermost = outermost;
    this.#gates = new GateMaker(context);
    this.#context = context;
    this.#refusals = context.refusals;
  }

  get gates(): readonly Gate[] {
    return this.#gates.all;
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
      const lost = input.units.filter((unit) => !kept.includes(unit));
      if (lost.some(({ kind }) => kept.some((unit) => unit.kind === kind))) return this.#oneOfEachKind(input, relation.at) === null ? null : this.#gate(relation, input);
      this.#refusals.add('gate/some-units', relation.at ?? relation.keys[0]?.expr.at ?? null, { kept: kindsOf(kept), lost: kindsOf(lost) });
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
    if (relation.sets === null) return { relation: this.#gates.oneGrouping(rows, relation.keys, relation.aggregates), units: null };
    return { relation: this.#gates.groupingSets(rows, relation, relation.sets), units: null };
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
    if (relation.op !== 'union') {
      const byValue = right.units !== null && !relation.all && !showsUnit(left.units ?? [], relation.left) && !showsUnit(right.units, relation.right);
      return byValue ? this.#comparedValues(relation) : this.#comparedRows(relation);
    }
    const [l, r] = [left, right].map((side) => (side.units === null ? [] : this.#oneOfEachKind(side, relation.at)));
    if (l === undefined || r === undefined || l === null || r === null) return null;
    if (kindsOf(l) !== kindsOf(r)) {
      this.#refusals.add('gate/union', relation.at, { left: kindsOf(l) || '—', right: kindsOf(r) || '—' });
      return null;
    }
    const united = unionAll(this.#context, { ...relation, all: true }, { relation: left.relation, units: l, bounds: left.units === null ? [] : left.bounds }, { relation: right.relation, units: r, bounds: right.units === null ? [] : right.bounds });
    if (relation.all) return united;
    return this.#grouped({ kind: 'aggregate', input: united.relation, keys: relation.columns.map((column) => ({ column, expr: columnRef(column) })), aggregates: [], sets: null, groupings: [], at: relation.at }, united);
  }

  /** INTERSECT and EXCEPT of values that no unit is told from: the distinct values of either side are released, and then compared. */
  #comparedValues(relation: Extract<Relation, { kind: 'set-operation' }>): Side | null {
    const [left, right] = [relation.left, relation.right].map((input) => this.visit({ kind: 'distinct', input, on: [], order: [], at: relation.at }));
    return left == null || right == null ? null : { relation: { ...relation, left: left.relation, right: right.relation }, units: null };
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

/** Whether rows that are equal in what they show are of the same unit, of any kind. */
const showsUnit = (units: readonly UnitClass[], relation: Relation): boolean => units.some((unit) => determines(columnsOf(relation), unit));

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

function tablePosition(relation: Relation): number | null {
  switch (relation.kind) {
    case 'scan': return relation.at;
    case 'join': return tablePosition(isProtected(relation.left) ? relation.left : relation.right);
    case 'filter': case 'project': return tablePosition(relation.input);
    default: return null;
  }
}

/** Where the operator wrote the outermost join. */
function joinPosition(relation: Relation): number | null {
  switch (relation.kind) {
    // Between tables with a comma it is the second that was written where the condition is missing.
    case 'join': return isProtected(relation.left) && isProtected(relation.right) ? relation.at ?? tablePosition(relation.right) : joinPosition(isProtected(relation.left) ? relation.left : relation.right);
    case 'filter': case 'project': case 'test': case 'lookup': case 'aggregate': return joinPosition(relation.input);
    default: return null;
  }
}
