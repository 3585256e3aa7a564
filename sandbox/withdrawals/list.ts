/** The withdrawal list as a worker holds it: what the control plane has sent so far, in order, each batch checked against the chain. */
import type { Digest } from '#contract/canonical.ts';
import type { ChainEntry } from '#contract/chain.ts';
import { requireNext } from '../chain.ts';
import { openAddition } from './addition.ts';

interface ListRecord {
  readonly by: string;
  /** Kind of the units. */
  readonly unit: string;
  readonly pseudonyms: Set<bigint>;
}

export class WithdrawalList {
  #head: Digest | null = null;
  /** By agency, kind of unit and ground. */
  readonly #records = new Map<string, ListRecord>();

  get head(): Digest | null {
    return this.#head;
  }

  /** Throws where an entry does not follow the ones before it or cannot be opened. */
  take(entry: ChainEntry, sealingKey: Uint8Array): void {
    requireNext(this.#head, entry);
    const { change, ground, by, unit, pseudonyms } = openAddition(sealingKey, entry.of, entry.sealed);
    const key = JSON.stringify([by, unit, ground]);
    const record = this.#records.get(key) ?? { by, unit, pseudonyms: new Set() };
    this.#records.set(key, record);
    for (const pseudonym of pseudonyms) {
      if (change === 'withdraw') record.pseudonyms.add(pseudonym);
      else record.pseudonyms.delete(pseudonym);
    }
    this.#head = entry.head;
  }

  /** Pseudonyms of the units that are on it by the record of an agency, on any ground, by kind. Kinds without one are left out. */
  units(by: string): ReadonlyMap<string, ReadonlySet<bigint>> {
    const units = new Map<string, Set<bigint>>();
    for (const record of this.#records.values()) {
      if (record.by !== by || record.pseudonyms.size === 0) continue;
      units.set(record.unit, (units.get(record.unit) ?? new Set()).union(record.pseudonyms));
    }
    return units;
  }
}
