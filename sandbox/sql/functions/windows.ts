/** Functions that only exist with OVER. Every aggregate may have an OVER as well. All stand above the gate only. */
import type { Bound } from '../expression.ts';
import type { Type } from '../types.ts';

export interface WindowFunction {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly type: (args: readonly Bound[]) => Type;
  /** Whether its value comes from its first argument, so that a withheld argument withholds it. */
  readonly takesValue: boolean;
}

const value = ([first]: readonly Bound[]): Type => (first === undefined || first.type === 'NULL' ? 'INTEGER' : first.type);

const ROWS: readonly WindowFunction[] = [
  { name: 'row_number', least: 0, most: 0, type: () => 'BIGINT', takesValue: false },
  { name: 'rank', least: 0, most: 0, type: () => 'BIGINT', takesValue: false },
  { name: 'dense_rank', least: 0, most: 0, type: () => 'BIGINT', takesValue: false },
  { name: 'rank_dense', least: 0, most: 0, type: () => 'BIGINT', takesValue: false },
  { name: 'ntile', least: 1, most: 1, type: () => 'BIGINT', takesValue: false },
  { name: 'percent_rank', least: 0, most: 0, type: () => 'DOUBLE', takesValue: false },
  { name: 'cume_dist', least: 0, most: 0, type: () => 'DOUBLE', takesValue: false },
  { name: 'lag', least: 1, most: 3, type: value, takesValue: true },
  { name: 'lead', least: 1, most: 3, type: value, takesValue: true },
  { name: 'first_value', least: 1, most: 1, type: value, takesValue: true },
  { name: 'last_value', least: 1, most: 1, type: value, takesValue: true },
  { name: 'nth_value', least: 2, most: 2, type: value, takesValue: true },
];

export const WINDOWS: ReadonlyMap<string, WindowFunction> = new Map(ROWS.map((row) => [row.name, row]));
