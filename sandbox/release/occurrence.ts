/** Faces of tables as they come together: of this job and of those that left, of the data at hand and of others. */
import type { LinkedCell, LinkedFace, LinkedTable } from './linked-table.ts';
import type { GatePlace } from './place.ts';

/** As far as it is known: of what has become of a cell since it left, nothing may be. */
export type SeenCell = Omit<LinkedCell, 'value'> & { readonly value: bigint | null };

/** One face of one measure of one table. `open`: null where it has left. */
export interface Occurrence<O = unknown> {
  readonly face: Omit<LinkedFace, 'cells'>;
  readonly rows: LinkedTable['rows'];
  readonly named: number;
  readonly place: GatePlace;
  /** Numbers of other data are other numbers; null where all are of the same. */
  readonly data: string | null;
  readonly open: O | null;
  /** Of an earlier job. */
  readonly isPast: boolean;
  /** Of a table of other data: of which rows the number is the same in both. It comes twice, as it was and as it is now. */
  readonly near: readonly boolean[] | null;
  readonly cell: (row: number) => SeenCell;
}

export const NOW = 'now';
const UNKNOWN: SeenCell = { value: null, shown: false, recalled: false, held: false, width: 0n, lone: false, low: null, high: null };

/**
 * A table of other data says of the data at hand what it says of cells behind which nearly the same units are. The same change of such cells, in
 * both, keeps all that was shown of either: so they count as one number, and of the others nothing is known today.
 */
export function ofLeft({ rows, named, then }: LinkedTable, face: LinkedFace, f: number, { place, isPast, isMixed }: { readonly place: GatePlace; readonly isPast: boolean; readonly isMixed: boolean }): readonly Occurrence<never>[] {
  const as = (data: string | null, near: readonly boolean[] | null, cell: Occurrence['cell']): Occurrence<never> => ({ face, rows, named, place, data, open: null, isPast, near, cell });
  const own = (row: number): LinkedCell => face.cells[row] ?? missing();
  if (then === undefined) return [as(isMixed ? NOW : null, null, own)];
  const near = then.near[f] ?? missing();
  return [as(then.data, near, own), as(NOW, near, (row) => (near[row] === true ? own(row) : UNKNOWN))];
}

/** A cell of one row. */
export interface Place<O = unknown> {
  readonly of: Occurrence<O>;
  readonly row: number;
}

function missing(): never {
  throw new Error('a table lacks a cell of a face');
}
