/**
 * Which columns of a protected relation are the same unit. Equalities in joins and filters bring units together; a gate
 * needs one unit of each kind in every row.
 */
import { conjuncts, type Bound } from '../expression.ts';
import type { Column } from '../relation.ts';

export interface UnitClass {
  readonly kind: string;
  /** Carried along for counting; NULL only where `nullable`. */
  readonly column: Column;
  /** Equal to `column` in every row, and never NULL. Empty where `nullable`. */
  readonly equals: ReadonlySet<Column>;
  /** Equal to `column` or NULL. */
  readonly members: ReadonlySet<Column>;
  /** Rows of an outer join may have no unit of this kind. */
  readonly nullable: boolean;
}

export function unitClass(kind: string, column: Column): UnitClass {
  return { kind, column, equals: new Set([column]), members: new Set([column]), nullable: false };
}

/** After an outer join that may leave this side out. */
export const optional = (unit: UnitClass): UnitClass => ({ ...unit, equals: new Set(), nullable: true });

/** Classes that the equality of two columns makes one: of that unit, or of every kind that a common key determines. */
export function equated(a: Column, b: Column, classes: readonly UnitClass[]): readonly (readonly [UnitClass, UnitClass])[] {
  const pairs: [UnitClass, UnitClass][] = [];
  const join = (x: UnitClass | undefined, y: UnitClass | undefined): void => {
    if (x !== undefined && y !== undefined && x !== y && x.kind === y.kind) pairs.push([x, y]);
  };
  if (a.from.kind === 'unit' && b.from.kind === 'unit') join(classOf(a, classes), classOf(b, classes));
  const [x, y] = [keyUnits(a), keyUnits(b)];
  if (x !== null && y !== null && x.of === y.of) {
    for (const kind of x.units.filter((unit) => y.units.includes(unit))) join(classOfScan(x, kind, classes), classOfScan(y, kind, classes));
  }
  return pairs;
}

const classOf = (column: Column, classes: readonly UnitClass[]): UnitClass | undefined => classes.find(({ members }) => members.has(column));

interface KeyUnits {
  readonly of: string;
  readonly units: readonly string[];
  readonly scan: number;
}

function keyUnits(column: Column): KeyUnits | null {
  if (column.from.kind !== 'stored') return null;
  const { identity } = column.from.column;
  if (identity?.kind !== 'key') return null;
  return { of: `${column.from.table.dataset}.${identity.of}`, units: identity.units, scan: column.from.scan };
}

function classOfScan({ scan }: KeyUnits, kind: string, classes: readonly UnitClass[]): UnitClass | undefined {
  return classes.find((unit) => unit.kind === kind && [...unit.members].some(({ from }) => from.kind === 'unit' && from.scan === scan));
}

/** Equalities of two columns among the conjuncts of a predicate; `nulls`: also those where NULL equals NULL. */
export function equalities(predicate: Bound | null, nulls = false): readonly (readonly [Column, Column])[] {
  return conjuncts(predicate).flatMap((part) => (part.kind === 'compare' && (part.op === '=' || (nulls && part.op === 'IS NOT DISTINCT FROM')) && part.left.kind === 'column' && part.right.kind === 'column' ? [[part.left.column, part.right.column] as const] : []));
}

/** Merges classes by the equalities of a predicate that holds in every row: both sides are then equal and not NULL. */
export function mergeBy(predicate: Bound | null, classes: readonly UnitClass[]): readonly UnitClass[] {
  let merged = classes;
  for (const [a, b] of equalities(predicate)) {
    for (const [x, y] of equated(a, b, merged)) {
      const nullable = x.nullable && y.nullable && a.from.kind !== 'unit';
      const both: UnitClass = {
        kind: x.kind,
        column: x.nullable && !y.nullable ? y.column : x.column,
        equals: nullable ? new Set() : new Set([...x.equals, ...y.equals, ...(a.from.kind === 'unit' ? [a, b] : [])]),
        members: x.members.union(y.members),
        nullable,
      };
      merged = [...merged.filter((unit) => unit !== x && unit !== y), both];
    }
  }
  return merged;
}

/** Whether rows with the same values of these columns have the same unit of the class. */
export function determines(columns: Iterable<Column>, unit: UnitClass): boolean {
  return [...columns].some((column) => {
    if (unit.equals.has(column)) return true;
    const key = keyUnits(column);
    return key !== null && key.units.includes(unit.kind) && [...unit.equals].some(({ from }) => from.kind === 'unit' && from.scan === key.scan);
  });
}
