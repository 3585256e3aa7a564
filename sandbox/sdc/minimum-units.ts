/**
 * Minimum number of contributors of a cell, in distinct units of one kind that have a non-null value.
 *
 * Boundary: n ≥ min passes, so `min: 10` releases a cell of ten and withholds a cell of nine. `min: 0` passes always.
 * An upper bound never enters here: a cell is passed by its exact number of units or by a proved lower bound.
 *
 * Source: Handbook on Statistical Disclosure Control for Outputs (SDAP, 2nd ed. 2024), "minimum frequency threshold";
 * ACRO flags n < threshold, which is the same boundary.
 *
 * @param units distinct units with a non-null value, ≥ 0
 * @param min the policy's minimum, ≥ 0
 */
export function meetsMinimum(units: bigint, min: number): boolean {
  return units >= BigInt(min);
}

/**
 * Whether `rows` non-null values prove at least `min` units, where no unit has more than `rowsPerUnit` of them
 * (pigeonhole: u units have at most u·rowsPerUnit values). False means "not proved", not "too few".
 */
export function rowsProveUnits(rows: bigint, rowsPerUnit: bigint, min: number): boolean {
  return rows >= BigInt(min) * rowsPerUnit;
}
