/** The ledger as a worker holds it: what the control plane has sent so far, in order, each delta checked against the chain. */
import type { Digest } from '#contract/canonical.ts';
import type { ChainEntry } from '#contract/chain.ts';
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

  /** Throws where an entry does not follow the ones before it or cannot be opened: nothing is released on a ledger with a gap. */
  take(entry: ChainEntry, sealingKey: Uint8Array): void {
    requireNext(this.#head, entry);
    const { strips, tables } = openDelta(sealingKey, entry.of, entry.sealed);
    for (const { strip, cells } of strips) this.memory.add(strip, cells);
    for (const table of tables) this.tables.add(table);
    this.#head = entry.head;
  }
}
