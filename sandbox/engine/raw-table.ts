/** What a query below the gate returns. It cannot be printed or serialised by accident. */
import { inspect } from 'node:util';
import type { ResultType } from '#contract/table.ts';
import type { EngineValue } from './value.ts';

export interface EngineColumn {
  readonly name: string;
  readonly type: ResultType;
}

/** INVARIANT (raw stays raw): the only way out is `rows()`, and only `sandbox/sql` decoders hand it to the release. */
export class RawTable {
  readonly columns: readonly EngineColumn[];
  readonly #rows: readonly (readonly EngineValue[])[];

  constructor(columns: readonly EngineColumn[], rows: readonly (readonly EngineValue[])[]) {
    this.columns = columns;
    this.#rows = rows;
  }

  rows(): readonly (readonly EngineValue[])[] {
    return this.#rows;
  }

  toJSON(): never {
    throw new Error('raw data is never serialised');
  }

  toString(): string {
    return 'RawTable(redacted)';
  }

  [inspect.custom](): string {
    return 'RawTable(redacted)';
  }
}
