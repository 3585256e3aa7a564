/**
 * Tables that left of other data than those at hand: an earlier snapshot, or one with other units left out. Of each of their cells it is worked
 * out whether nearly the same units are behind it today; then it is the same number for whoever withholds it or rests on it.
 *
 * Nearly: fewer than the minimum differ, as far as anything remembered tells. Which of two nearly equal populations it is does not count, so
 * that what is withheld does not tell it.
 */
import { keyOf } from '../release/complete.ts';
import type { LinkedTable } from '../release/linked-table.ts';
import type { LedgerStrip } from './delta.ts';
import type { DataState } from './data-state.ts';
import type { Memory, Population } from './memory.ts';
import { behindOf, type Behind, type PastTable } from './past-table.ts';
import type { PastTables } from './past-tables.ts';
import type { Populations } from './populations.ts';
import type { JobStrip } from './strips.ts';

export interface AtHand {
  readonly tables: PastTables;
  readonly memories: readonly Memory<LedgerStrip>[];
  readonly populations: Populations;
  /** What of these datasets is at hand. */
  readonly dataOf: (then: DataState) => DataState;
}

/** Earlier questions that are asked again for one release; whether one was asked already does not count. */
const QUESTIONS = 300;

export class ThenTables {
  readonly #at: AtHand;
  readonly #strips: readonly JobStrip[];
  readonly #asked = new Set<string>();

  /** @param strips of the release: by their minimum it is decided what is nearly the same */
  constructor(at: AtHand, strips: readonly JobStrip[]) {
    this.#at = at;
    this.#strips = strips;
  }

  /** The table with what has become of its cells; null where too many questions would have to be asked again. */
  async read(past: PastTable): Promise<LinkedTable | null> {
    const table = this.#at.tables.unpack(past);
    const today = new Map<Behind, ReadonlyMap<string, Population | null>>();
    for (const behind of behindOf(past)) {
      const question = JSON.stringify([behind.population, behind.face, this.#at.dataOf(past.datasets)]);
      if (this.#asked.size >= QUESTIONS && !this.#asked.has(question)) return null;
      this.#asked.add(question);
      const groups = await this.#today(question, behind);
      if (groups !== null) today.set(behind, groups);
    }
    const names = table.rows.map(({ keys }) => keyOf(keys));
    const near = table.faces.map(({ cells }, f) => {
      const known = [...today].filter(([{ faces }]) => faces.includes(f));
      // What can't be asked again is withheld as long as it is asked for; what was shown of it is known of its own time.
      if (known.length === 0) return cells.map(({ shown }) => !shown);
      return cells.map(({ shown }, row) => known.some(([{ kind, units }, groups]) => this.#isNear(kind, units[row] ?? 0, groups.get(names[row] ?? '') ?? null, shown)));
    });
    return { ...table, then: { data: JSON.stringify(past.datasets), near } };
  }

  /** @param units how many there were; `shown`: whether the number was */
  #isNear(kind: string, units: number, today: Population | null, shown: boolean): boolean {
    const own = this.#strips.filter((strip) => strip.kind === kind);
    const min = (own.length > 0 ? own : this.#strips).reduce((most, strip) => Math.max(most, strip.min), 1);
    if (Math.abs((today?.units ?? 0) - units) >= min) return false;
    // What was shown is known of the population that it was about, which may be that of an even earlier number.
    return !shown || today === null || this.#at.memories.some((memory) => memory.neighbours({ kind }, today, min - 1).some(({ value }) => value !== null));
  }

  /** Null where nobody can answer: the question names what is no longer there. */
  async #today(question: string, { population, face }: Behind): Promise<ReadonlyMap<string, Population | null> | null> {
    const { tables: { today }, populations } = this.#at;
    const known = today.get(question);
    if (known !== undefined) return known;
    const groups = await populations.read(population, [face], true);
    const byKey = groups === null ? null : new Map(groups.map(({ keys, faces: [of] }) => [keyOf(keys), of ?? null]));
    today.set(question, byKey);
    return byKey;
  }
}
