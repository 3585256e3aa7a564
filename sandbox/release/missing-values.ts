/**
 * How many values of a column are missing, where they are missing in the data and no one who asks can choose which. That is taken to be told
 * where it is there to be read: by a count, or by a sum and its average. An average alone, or a spread, has it in its denominator only;
 * were that enough, hardly any column with a few values missing would have an average.
 */
import type { GateSpec, Output } from './cells.ts';

/** @param measure its place in the gate's measures */
export function showsCount({ measures, outputs }: Pick<GateSpec, 'measures' | 'outputs'>, measure: number): boolean {
  const { id, of } = measures[measure] ?? missing();
  const average = outputs.some((output) => output.statistic === 'avg' && output.count === id);
  const total = outputs.some((output) => output.statistic === 'sum' && output.terms.some((term) => term.measure === id));
  return (average && total) || (of.kind === 'rows' && total)
    || outputs.some((output) => (output.statistic === 'count' || output.statistic === 'count-units') && output.measure === id);
}

/** What an average or a spread is divided by, and the rows with and without a value, whose number is compared with others in its place. All by id. */
export interface Denominator {
  readonly count: number;
  readonly among: number;
}

/** Null where the output has none, or tells how many values there are. */
export function denominatorOf(spec: Pick<GateSpec, 'measures' | 'outputs'>, output: Output): Denominator | null {
  if ((output.statistic !== 'avg' && output.statistic !== 'moment') || output.among === undefined) return null;
  const count = countedBy(output);
  return showsCount(spec, spec.measures.findIndex(({ id }) => id === count)) ? null : { count, among: output.among };
}

/** The measure that counts what an average or a spread is taken over, by id. */
export const countedBy = (output: Extract<Output, { statistic: 'sum' | 'avg' | 'moment' }>): number => (output.statistic === 'moment' ? output.n ?? output.y : output.count);

function missing(): never {
  throw new Error('an output names a measure that its gate does not have');
}
