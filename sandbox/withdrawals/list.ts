/** The withdrawal list as a worker holds it: what the control plane has sent so far, in order, each batch checked against the chain. */
import type { Digest } from '#contract/canonical.ts';
import type { ChainEntry } from '#contract/chain.ts';
import { requireNext } from '../chain.ts';
import { openAddition } from './addition.ts';

export class WithdrawalList {
  #head: Digest | null = null;
  /** Unit kind → whose record, on which ground → pseudonyms. */
  readonly #records = new Map<string, Map<string, Set<bigint>>>();

  get head(): Digest | null {
    return this.#head;
  }

  /** Throws where an entry does not follow the ones before it or cannot be opened. */
  take(entry: ChainEntry, sealingKey: Uint8Array): void {
    requireNext(this.#head, entry);
    const { change, ground, by, unit, pseudonyms } = openAddition(sealingKey, entry.of, entry.sealed);
    const ofKind = this.#records.get(unit) ?? new Map<string, Set<bigint>>();
    this.#records.set(unit, ofKind);
    const record = ofKind.get(`${by} ${ground}`) ?? new Set<bigint>();
    ofKind.set(`${by} ${ground}`, record);
    for (const pseudonym of pseudonyms) {
      if (change === 'withdraw') record.add(pseudonym);
      else record.delete(pseudonym);
    }
    this.#head = entry.head;
  }

  /** Pseudonyms of the units that are on it, by kind: on the record of any agency, on any ground. Kinds without one are left out. */
  units(): ReadonlyMap<string, ReadonlySet<bigint>> {
    const units = new Map<string, ReadonlySet<bigint>>();
    for (const [kind, records] of this.#records) {
      const all = new Set([...records.values()].flatMap((record) => [...record]));
      if (all.size > 0) units.set(kind, all);
    }
    return units;
  }
}
