/** One data set in memory with its plain form, and the question put to both. */
import type { PinnedDataset } from '#contract/job.ts';
import { difference } from '../support/same-result.ts';
import { plain, rawResult } from '../support/sql/raw.ts';
import { openTables, pin, type Data, type TestData } from '../support/sql/tables.ts';
import { EngineFails, throughGate } from '../support/sql/through-gate.ts';
import { LAB } from './data.ts';
import { kindsIn } from './kinds.ts';
import type { Generated } from './queries.ts';

export type Outcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly codes: readonly string[]; readonly why: string }
  /** Plain DuckDB itself fails on this query and these data: there is nothing to compare with. */
  | { readonly kind: 'raw-fails'; readonly why: string }
  | { readonly kind: 'differs'; readonly why: string };

export class World {
  readonly #tables: TestData;
  readonly #datasets: readonly PinnedDataset[] = [pin(LAB)];

  private constructor(tables: TestData) {
    this.#tables = tables;
  }

  static async open(data: Data): Promise<World> {
    return new World(await openTables(LAB, data));
  }

  async ask({ sql, ordered }: Generated): Promise<Outcome> {
    const { connection } = this.#tables;
    let actual;
    try {
      actual = await throughGate(connection, this.#datasets, sql);
    } catch (error) {
      // Below the gate nothing may fail, whatever plain DuckDB does.
      if (!(error instanceof EngineFails) || error.where === 'a gate') return { kind: 'differs', why: (error as Error).message };
      const fails = await rawResult(connection, sql).then(() => null, (raw: Error) => raw.message);
      // A rest that fails where plain DuckDB fails too is the same answer.
      return fails === null ? { kind: 'differs', why: (error as Error).message } : { kind: 'raw-fails', why: fails };
    }
    if (!actual.ok) return { kind: 'refused', codes: actual.error.map(({ code }) => code), why: actual.error.map(({ message }) => message.en).join(' ') };
    const table = actual.value;
    return rawResult(connection, sql).then(
      (expected): Outcome => {
        const why = difference(plain(table), expected, ordered);
        return why === null ? { kind: 'same' } : { kind: 'differs', why };
      },
      (error: Error): Outcome => ({ kind: 'raw-fails', why: error.message }),
    );
  }

  /** The constructs of a query. */
  async kinds(sql: string): Promise<ReadonlySet<string>> {
    return kindsIn(this.#tables.connection, sql);
  }

  close(): void {
    this.#tables.close();
  }
}
