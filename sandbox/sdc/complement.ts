/**
 * A part beside its whole: who takes one from the other gets the rest, which is a cell of its own. `count(*)` and `count(x)` of a group
 * differ by the rows without x; a CASE branch and its group by the rows outside the branch.
 *
 * Boundary: safe when no row is in the rest, or when at least `min` units are proved to be in it. That nobody is in it is no more than
 * the part itself says. Units are proved by those that are in the whole and not in the part, or by more rows than fewer
 * units could have.
 *
 * Source: Handbook on Statistical Disclosure Control for Outputs, differencing and "all but few".
 */
import { meetsMinimum, rowsProveUnits } from './minimum-units.ts';

export interface Rest {
  readonly rows: bigint;
  /** Distinct units of the whole less those of the part: at least so many are in the rest. */
  readonly units: bigint;
  /** Rows that one unit can have; null where not declared. */
  readonly rowsPerUnit: bigint | null;
}

export function complementIsSafe({ rows, units, rowsPerUnit }: Rest, min: number): boolean {
  return rows === 0n || meetsMinimum(units, min) || (rowsPerUnit !== null && rowsProveUnits(rows, rowsPerUnit, min));
}

/** Units that are proved to be in the rest, above the minimum; null where no row is in it. */
export function complementMargin({ rows, units, rowsPerUnit }: Rest, min: number): bigint | null {
  if (rows === 0n) return null;
  const byRows = rowsPerUnit === null || rowsPerUnit === 0n ? 0n : rows / rowsPerUnit;
  return (byRows > units ? byRows : units) - BigInt(min);
}
