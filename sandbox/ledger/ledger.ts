/** The ledger as a worker holds it: what the control plane has sent so far, in order, each delta checked against the chain. */
import type { Digest } from '#contract/canonical.ts';
import type { ChainEntry } from '#contract/chain.ts';
import { requireNext } from '../chain.ts';
import { openDelta, type LedgerStrip } from './delta.ts';
import { Memory } from './memory.ts';

export class Ledger {
  readonly memory = new Memory<LedgerStrip>();
  #head: Digest | null = null;

  get head(): Digest | null {
    return this.#head;
  }

  /** Throws where an entry does not follow the ones before it or cannot be opened: nothing is released on a ledger with a gap. */
  take(entry: ChainEntry, sealingKey: Uint8Array): void {
    requireNext(this.#head, entry);
    for (const { strip, cells } of openDelta(sealingKey, entry.of, entry.sealed)) this.memory.add(strip, cells);
    this.#head = entry.head;
  }
}
