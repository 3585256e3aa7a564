/** The ledger as a worker holds it: what the control plane has sent so far, in order, each delta checked against the chain. */
import { digestBytes, type Digest } from '#contract/canonical.ts';
import { nextHead, type LedgerEntry } from '#contract/ledger.ts';
import { openDelta, type LedgerStrip } from './delta.ts';
import { Memory } from './memory.ts';

export class Ledger {
  readonly memory = new Memory<LedgerStrip>();
  #head: Digest | null = null;

  get head(): Digest | null {
    return this.#head;
  }

  /** Throws where an entry does not follow the ones before it or cannot be opened: nothing is released on a ledger with a gap. */
  take({ of, head, sealed }: LedgerEntry, sealingKey: Uint8Array): void {
    if (nextHead(this.#head, digestBytes(Buffer.from(sealed, 'base64'))) !== head) throw new Error('an entry of the ledger is not the next one');
    for (const { strip, cells } of openDelta(sealingKey, of, sealed)) this.memory.add(strip, cells);
    this.#head = head;
  }
}
