/** Columns of numbers of a query below the gate, for whoever counts over all rows. They cannot be printed or serialised by accident. */
import { inspect } from 'node:util';

/** INVARIANT (raw stays raw): as of `RawTable`. */
export class RawColumns {
  readonly length: number;
  readonly #columns: readonly Float64Array[];

  constructor(length: number, columns: readonly Float64Array[]) {
    this.length = length;
    this.#columns = columns;
  }

  /** One number for each row; NaN where there is none. */
  column(index: number): Float64Array {
    const column = this.#columns[index];
    if (column === undefined) throw new Error('a column that was not read');
    return column;
  }

  toJSON(): never {
    throw new Error('raw data is never serialised');
  }

  toString(): string {
    return 'RawColumns(redacted)';
  }

  [inspect.custom](): string {
    return 'RawColumns(redacted)';
  }
}
