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

/** By number of the class. */
export interface AmountsOf {
  get(cls: number): Amounts | undefined;
}

export const NO_AMOUNTS: AmountsOf = new Map();

/** What the units of each class add together. */
export class AmountsByClass implements AmountsOf {
  readonly #net: Float64Array;
  readonly #absolute: Float64Array;
  /** Of classes with several units. */
  readonly #largest = new Map<number, number[]>();
  readonly #units: Int32Array;

  /**
   * @param classOf by unit, or by row of one; those of none are in no class
   * @param amounts by unit
   * @param inOrder units, in an order that is the same in every run
   * @param end one more than the largest number of a class
   */
  constructor(classOf: Int32Array, amounts: Float64Array, inOrder: Iterable<number>, end: number) {
    this.#net = new Float64Array(end);
    this.#absolute = new Float64Array(end);
    this.#units = new Int32Array(end);
    for (const unit of inOrder) {
      const cls = classOf[unit]!;
      const size = Math.abs(amounts[unit]!);
      if (this.#units[cls]! > 0) {
        const known = this.#largest.get(cls);
        const largest = known ?? [this.#absolute[cls]!];
        if (known === undefined) this.#largest.set(cls, largest);
        insert(largest, size);
      }
      this.#units[cls]! += 1;
      this.#net[cls]! += amounts[unit]!;
      this.#absolute[cls]! += size;
    }
  }

  get(cls: number): Amounts | undefined {
    if ((this.#units[cls] ?? 0) === 0) return undefined;
    return { net: this.#net[cls]!, absolute: this.#absolute[cls]!, largest: this.#largest.get(cls) ?? [this.#absolute[cls]!] };
  }
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
