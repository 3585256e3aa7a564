/**
 * How many values of a column are missing, where they are missing in the data and no one who asks can choose which. That is taken to be told
 * where it is there to be read: by a count, a sum and its average, two variances, or whatever tells it together (`told-counts.ts`). An average alone, or a spread, has it in its denominator only;
 * were that enough, hardly any column with a few values missing would have an average. How many values there are is compared with other numbers of values
 * of the column, and of all that were shown with numbers of rows too (`ledger/face.ts`).
 */
import type { GateSpec, Output } from './cells.ts';
import { isCountTold } from './told-counts.ts';

/** @param measure its place in the gate's measures */
export function showsCount(spec: Pick<GateSpec, 'measures' | 'outputs'>, measure: number): boolean {
  return isCountTold(spec, spec.measures[measure] ?? missing());
}

/** The measure that counts what an average or a spread is divided by, by id, where values may be missing and nothing else tells how many there are; else null. */
export function hiddenCountOf(spec: Pick<GateSpec, 'measures' | 'outputs'>, output: Output): number | null {
  if ((output.statistic !== 'avg' && output.statistic !== 'moment') || output.mayMiss === undefined) return null;
  const count = countedBy(output);
  return showsCount(spec, spec.measures.findIndex(({ id }) => id === count)) ? null : count;
}

/** The measure that counts what an average or a spread is taken over, by id. */
export const countedBy = (output: Extract<Output, { statistic: 'sum' | 'avg' | 'moment' }>): number => (output.statistic === 'moment' ? output.n ?? output.y : output.count);

function missing(): never {
  throw new Error('an output names a measure that its gate does not have');
}
