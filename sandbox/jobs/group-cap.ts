/**
 * How many groups of raw rows a gate may have. By public keys there are only so many, and the plan knows how many. By others their number,
 * groups of one unit among them, is a fact about data: a job that fails where there is one group too many would tell whether
 * some unit has a combination of keys, and whoever multiplies groups by constants can choose which. So the limit is blurred: it is drawn,
 * for each question, from a range so wide that a single group decides in one of tens of thousands of questions, and
 * nobody knows in which.
 */
import { createHmac } from 'node:crypto';
import type { GatePlan } from '../sql/compile.ts';

/** The blur is at least as wide as this many groups. */
const LEAST_BLUR = 2 ** 15;

/**
 * @param shown groups that may be released
 * @param secret nobody who asks knows it; the same question has the same limit
 */
export function mostGroups({ spec, sql, windows }: Pick<GatePlan, 'spec' | 'sql' | 'windows'>, shown: number, secret: () => Uint8Array): number {
  const most = spec.keys.every((key) => key.public) ? shown : blurred(Math.max(shown, LEAST_BLUR), `groups ${sql}`, secret());
  return most * (windows?.sizes ?? 1);
}

/** Uniform between `least` and twice as many; the same for the same question. */
export function blurred(least: number, question: string, secret: Uint8Array): number {
  const share = createHmac('sha256', secret).update(question).digest().readUInt32BE(0) / 2 ** 32;
  return least + Math.floor(least * share);
}
