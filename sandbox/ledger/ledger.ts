/** The ledger as a worker holds it: what the control plane has sent so far, in order, each delta checked against the chain. */
import type { Digest } from '#contract/canonical.ts';
import type { ChainEntry } from '#contract/chain.ts';
import type { LedgerEntryId } from '#contract/id.ts';
import { requireNext } from '../chain.ts';
import { openDelta, type LedgerStrip } from './delta.ts';
import { Memory } from './memory.ts';
import { PastTables } from './past-tables.ts';
import { KeptPopulations } from './populations.ts';

export class Ledger {
  readonly memory = new Memory<LedgerStrip>();
  readonly populations: KeptPopulations;
  readonly tables = new PastTables();
  #head: Digest | null = null;

  /** @param populations what was read of the worker's snapshots so far */
  constructor(populations = new KeptPopulations()) {
    this.populations = populations;
  }

  get head(): Digest | null {
    return this.#head;
  }

  /**
   * INVARIANT (what was released stays): only entries of agencies are forgotten. What a job released is sealed for that job, also where an entry's
   * numbers are in it, and the form of a withdrawal has no room for a job's id.
   */
  #forget(entry: LedgerEntryId): void {
    this.memory.forget((strip) => strip.of === entry);
    this.tables.forget(entry);
  }

  /** Throws where an entry does not follow the ones before it or cannot be opened: nothing is released on a ledger with a gap. */
  take(entry: ChainEntry, sealingKey: Uint8Array): void {
    requireNext(this.#head, entry);
    const { strips, tables, withdraws } = openDelta(sealingKey, entry.of, entry.sealed);
    for (const { strip, cells } of strips) this.memory.add(strip, cells);
    for (const table of tables) this.tables.add(table, entry.of);
    if (withdraws !== undefined) this.#forget(withdraws);
    this.#head = entry.head;
  }
}
