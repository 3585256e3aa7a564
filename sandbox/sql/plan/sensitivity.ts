/** What of a gate tells something of a sensitive column of the units in it. */
import { expressionsOf, inputsOf } from '../bind/hoist.ts';
import { callParts, columnsIn, conjuncts, partsOf, type Bound } from '../expression.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';
import type { Position } from '../source-text.ts';
import { isProtected } from '../vet/multiplicity.ts';
import { isPresentWithColumns } from '../vet/presence.ts';
import { isLink } from '../vet/uses.ts';

export class Sensitivity {
  readonly #released: ReadonlySet<Column>;
  readonly #tests = new Map<Column, Relation>();
  /** Columns that are aggregated for each unit, with the rows that they are aggregated from. */
  readonly #aggregated = new Map<Column, Relation>();
  /** Columns of the side of an outer join that a row may lack, with that side and its condition. */
  readonly #optional = new Map<Column, readonly { readonly side: Relation; readonly on: Bound | null }[]>();
  /** Relations without units of their own that rows are linked with by a sensitive column: what is in them tells it. */
  readonly #telling = new Set<Relation>();
  readonly #told = new Set<Column>();
  #known = new Map<Column, boolean>();
  #found = new Map<Column, boolean>();
  #mixed: Position | undefined;

  /** @param released columns of released tables in the input */
  constructor(input: Relation, released: ReadonlySet<Column>) {
    this.#released = released;
    const visit = (node: Relation): void => {
      if (node.kind === 'test' || node.kind === 'lookup') this.#tests.set(node.column, node.sub);
      if (node.kind === 'aggregate') for (const { column } of node.aggregates) this.#aggregated.set(column, node.input);
      if (node.kind === 'join') for (const side of optionalSides(node)) for (const column of columnsOf(side)) this.#optional.set(column, [...this.#optional.get(column) ?? [], { side, on: node.on }]);
      inputsOf(node).forEach(visit);
    };
    visit(input);
    this.#findTelling(input);
  }

  /** A condition that links with such a relation by something else as well, or by what an outer join has found: what it leaves depends on both. Undefined where there is none. */
  get mixed(): Position | undefined {
    return this.#mixed;
  }

  /** Whether the relation tells a sensitive column of the rows that it is joined with. */
  isTelling(relation: Relation): boolean {
    return this.#telling.has(relation);
  }

  /** Whether a condition or key tells something of a sensitive column: itself, or through rows of the unit elsewhere. */
  of(expr: Bound): boolean {
    if (expr.kind === 'is-not-null') return this.#ofPresence(expr.arg, true);
    return [...columnsIn(expr)].some((column) => this.#ofColumn(column));
  }

  /** Whether a condition of the rows of a relation, or of a part of it, does. */
  within(relation: Relation): boolean {
    return expressionsOf(relation).some((expr) => conjuncts(expr).some((part) => this.isCondition(part))) || (relation.kind !== 'gate' && inputsOf(relation).some((input) => this.within(input)));
  }

  /** The equality of columns of two protected tables links the rows of a unit. */
  isCondition(part: Bound): boolean {
    return this.of(part) && (!isLink(part) || [...columnsIn(part)].some((column) => this.#told.has(column)));
  }

  /** Whether it tells something of a sensitive column that an outer join has found a row for the value: one that meets conditions on it. */
  isFoundBySensitive(expr: Bound): boolean {
    return [...columnsIn(expr)].some((column) => this.#isFound(column));
  }

  #isFound(column: Column): boolean {
    const known = this.#found.get(column);
    if (known !== undefined) return known;
    // Its own join reads it.
    this.#found.set(column, false);
    const { from } = column;
    const found = (from.kind === 'computed' && this.isFoundBySensitive(from.expr))
      || (this.#optional.get(column) ?? []).some(({ side, on }) => this.within(side) || (on !== null && conjuncts(on).some((part) => this.isCondition(part))));
    this.#found.set(column, found);
    return found;
  }

  /** Whether it tells something that an expression has a value. That somebody has a number, say an income, does not. */
  #ofPresence(expr: Bound, asked: boolean): boolean {
    switch (expr.kind) {
      case 'literal': return false;
      case 'column': return this.#ofColumnPresence(expr.column, asked);
      case 'case': {
        const values = [...expr.branches.map(({ then }) => then), expr.otherwise];
        return (values.some((value) => !isPresentWithColumns(value)) && expr.branches.some(({ when }) => this.of(when))) || values.some((value) => this.#ofPresence(value, false));
      }
      // A truth value is there where what it compares is.
      case 'compare': case 'and': case 'or': case 'not': case 'in': case 'between': return partsOf(expr).some((part) => this.#ofPresence(part, false));
      default: return !isPresentWithColumns(expr) && [...columnsIn(expr)].some((column) => this.#ofColumn(column));
    }
  }

  #ofColumnPresence(column: Column, asked: boolean): boolean {
    const { from } = column;
    if (this.#isFound(column)) return true;
    if (from.kind === 'computed') return this.#ofPresence(from.expr, asked);
    if (from.kind !== 'aggregate' || this.#told.has(column)) return asked && !isMeasured(column) && this.#ofColumn(column);
    // A unit's total is there where one of its rows has a value.
    const { args, filter } = from.call;
    const rows = this.#aggregated.get(column);
    return (rows !== undefined && this.within(rows)) || (filter !== null && this.of(filter)) || args.some((arg) => this.#ofPresence(arg, asked));
  }

  #ofColumn(column: Column): boolean {
    const known = this.#known.get(column);
    if (known !== undefined) return known;
    this.#known.set(column, false);
    const rows = this.#tests.get(column) ?? this.#aggregated.get(column);
    const found = this.#told.has(column) || (!this.#released.has(column) && this.#isMadeOfSensitive(column)) || (rows !== undefined && this.within(rows)) || this.#isFound(column);
    this.#known.set(column, found);
    return found;
  }

  #isMadeOfSensitive({ from }: Column): boolean {
    const ofAny = (exprs: readonly Bound[]): boolean => exprs.some((expr) => [...columnsIn(expr)].some((column) => this.#ofColumn(column)));
    switch (from.kind) {
      case 'stored': return from.column.sensitive && from.table.units.length > 0;
      case 'computed': return ofAny([from.expr]);
      case 'aggregate': return ofAny(callParts(from.call));
      case 'combined': return from.parts.some((part) => this.#ofColumn(part));
      case 'lookup': return this.#ofColumn(from.column);
      case 'test': return ofAny(from.uses);
      case 'grouping': return from.keys.some((key) => this.#ofColumn(key));
      case 'unit': case 'window': case 'constant': case 'released': case 'fixed': case 'record-key': return false;
    }
  }

  #findTelling(input: Relation): void {
    const all = areas(input);
    let before: number;
    do {
      before = this.#telling.size;
      for (const { leaves, conditions } of all) for (const leaf of leaves) if (!isProtected(leaf) && !this.#telling.has(leaf) && this.#isLinked(leaf, conditions)) this.#tell(leaf);
    } while (this.#telling.size > before);
    for (const { leaves, conditions } of all) {
      this.#findMixed(leaves, conditions);
      // Who is joined by a value that only an outer join may have found is whom it has found one for.
      for (const condition of conditions) if (isLink(condition) && this.isFoundBySensitive(condition)) this.#mixed ??= condition.at;
    }
  }

  /** By a sensitive column of another relation. */
  #isLinked(leaf: Relation, conditions: readonly Bound[]): boolean {
    const own = new Set(columnsOf(leaf));
    return conditions.some((condition) => {
      const read = [...columnsIn(condition)];
      return read.some((column) => own.has(column)) && read.some((column) => !own.has(column) && this.#ofColumn(column));
    });
  }

  #tell(leaf: Relation): void {
    this.#telling.add(leaf);
    columnsOf(leaf).forEach((column) => this.#told.add(column));
    this.#known = new Map();
    this.#found = new Map();
  }

  #findMixed(leaves: readonly Relation[], conditions: readonly Bound[]): void {
    const telling = new Set(leaves.filter((leaf) => this.#telling.has(leaf)).flatMap(columnsOf));
    for (const condition of conditions) {
      const read = [...columnsIn(condition)];
      if (read.some((column) => telling.has(column)) && read.some((column) => !this.#ofColumn(column))) this.#mixed ??= condition.at;
    }
  }
}

const optionalSides = ({ join, left, right }: Extract<Relation, { kind: 'join' }>): readonly Relation[] =>
  [...(join === 'left' || join === 'full' ? [right] : []), ...(join === 'right' || join === 'full' ? [left] : [])];

const isMeasured = ({ from }: Column): boolean => from.kind === 'stored' && from.column.grid.kind === 'none';

interface Area {
  readonly leaves: readonly Relation[];
  readonly conditions: readonly Bound[];
}

/** Relations that are joined with each other so that every condition holds in every row: one area for each such place. */
function areas(relation: Relation): readonly Area[] {
  const [leaves, conditions]: [Relation[], Bound[]] = [[], []];
  const collect = (node: Relation): void => {
    if (node.kind === 'filter') {
      conditions.push(...conjuncts(node.predicate));
      collect(node.input);
    } else if (node.kind === 'join' && node.join === 'inner') {
      conditions.push(...conjuncts(node.on));
      collect(node.left);
      collect(node.right);
    } else leaves.push(node);
  };
  collect(relation);
  return [{ leaves, conditions }, ...leaves.flatMap((leaf) => (leaf.kind === 'gate' ? [] : inputsOf(leaf).flatMap(areas)))];
}
