/**
 * What the units of a class add to a sum: enough of it to tell whether few of them make up nearly all of it. Then the sum of the class tells
 * about those few, and it must follow from nothing, however many units it has (`sdc/dominance.ts`).
 */
import type { DominanceRule } from '#contract/policy.ts';
import { isSafe } from '#sandbox/sdc/dominance.ts';
import type { Degree } from '#sandbox/sdc/remainder.ts';
import type { JobStrip } from './strips.ts';

export interface Amounts {
  readonly net: number;
  /** Of |x|. */
  readonly absolute: number;
  /** Of |x|, largest first, at most `LARGEST`. */
  readonly largest: readonly number[];
}

/** More than any rule looks at. */
export const LARGEST = 10;

export const NOTHING: Amounts = { net: 0, absolute: 0, largest: [] };

/** No unit is in two of them. */
export function together(all: Iterable<Amounts>): Amounts {
  let [net, absolute] = [0, 0];
  const largest: number[] = [];
  for (const each of all) {
    net += each.net;
    absolute += each.absolute;
    for (const amount of each.largest) if (!insert(largest, amount)) break;
  }
  return { net, absolute, largest };
}

/** Into a list with the largest first; false where it is none of them. */
export function insert(largest: number[], amount: number): boolean {
  if (largest.length === LARGEST && amount <= (largest[LARGEST - 1] ?? 0)) return false;
  let at = largest.length;
  while (at > 0 && (largest[at - 1] ?? 0) < amount) at--;
  largest.splice(at, 0, amount);
  if (largest.length > LARGEST) largest.pop();
  return true;
}

/** The rules of dominance for the sums of a series; null where none is a magnitude, or there are no rules. */
export class Dominance {
  readonly #rules: readonly DominanceRule[];
  readonly #degree: Degree;

  private constructor(rules: readonly DominanceRule[], degree: Degree) {
    this.#rules = rules;
    this.#degree = degree;
  }

  static of(strips: readonly JobStrip[]): Dominance | null {
    const magnitudes = strips.flatMap(({ spec, face, rules }) => spec.measures.flatMap((measure) => (measure.id === face.measure && measure.magnitude && isAmount(spec, face) ? [{ measure, rules }] : [])));
    const rules = magnitudes.flatMap(({ rules: { dominance } }) => dominance.map(({ value }) => value));
    return rules.length === 0 ? null : new Dominance(rules, magnitudes.some(({ measure }) => measure.degree === 2) ? 2 : 1);
  }

  /** Whether the units with these amounts are told apart by their sum. */
  isDominated({ net, absolute, largest }: Amounts): boolean {
    const cell = { absolute: exact(absolute), net: exact(net), largest: largest.map(exact) };
    return !this.#rules.every((rule) => isSafe(rule, cell, this.#degree));
  }
}

/** A total, or the number of rows of units that may have many. */
function isAmount(spec: JobStrip['spec'], { measure, face }: JobStrip['face']): boolean {
  return face === 'total' || (face === 'count' && spec.measures.find(({ id }) => id === measure)?.of.kind === 'rows');
}

/** In millionths. */
const exact = (value: number): bigint => BigInt(Math.round(value * 1e6));
