/**
 * The numbers of a gate that leave: for each measure how many values it has, what they add up to, how many units they come
 * from.
 */
import { assertNever } from '#contract/result.ts';
import type { GateSpec, Measure } from '../release/cells.ts';
import { hiddenCountOf } from '../release/missing-values.ts';

export interface Face {
  /** Id of the measure. */
  readonly measure: number;
  readonly face: 'count' | 'total' | 'units';
  /** Of `units`: the kind that is counted. */
  readonly unit: string | null;
}

/**
 * The numbers that are compared with earlier ones, in a fixed order, each once, where `isVisible` (`release/protection.ts`) asks of any number
 * whether something tells it. A count of rows has one face: count and total are the same number.
 */
export function facesOf(spec: GateSpec): readonly Face[] {
  const faces = new Map<string, Face>();
  const isRows = (measure: number): boolean => spec.measures.find(({ id }) => id === measure)?.of.kind === 'rows';
  const add = (measure: number, face: Face['face'], unit: string | null = null): void => {
    const named: Face = { measure, face: face === 'total' && isRows(measure) ? 'count' : face, unit };
    faces.set(JSON.stringify(named), named);
  };
  for (const output of spec.outputs) {
    switch (output.statistic) {
      case 'count': add(output.measure, 'count'); break;
      case 'count-units': add(output.measure, 'units', output.unit); break;
      case 'sum': output.terms.forEach(({ measure }) => add(measure, 'total')); break;
      case 'avg':
        output.terms.forEach(({ measure }) => add(measure, 'total'));
        add(output.count, 'count');
        break;
      case 'moment':
        for (const measure of [output.y, output.yy, output.x, output.xx, output.xy]) if (measure !== null) add(measure, 'total');
        add(output.n ?? output.y, 'count');
        break;
      default: assertNever(output);
    }
  }
  return [...faces.values()].sort((a, b) => a.measure - b.measure || (a.face < b.face ? -1 : 1));
}

/**
 * Numbers of one series are combined with each other: what each unit adds to them is so many times something of its own. A count of values
 * of a column is a count of the rows that have one, and a count of units one of one row each, so all counts are one series; all sums
 * of a column's values are another, on whatever way they were added up. How many values of a column there are is in a third as well, whether it is shown or
 * an average is divided by it; in that one only where nothing shows it: compared with numbers of rows, it would be taken for theirs wherever a
 * few values are missing. Where several columns decide whether there is a value, it is in the series of each. `kind`: of the units in whose terms populations are compared.
 */
export function seriesOf(spec: GateSpec, { measure, face }: Face, kind: string): readonly string[] {
  const { of, base, valuesOf } = measureOf(spec, measure);
  // How many are in a window follows from the rules; it is not shown.
  if (face !== 'total' && spec.windows !== undefined) return [`${kind}: rows of windows`];
  if (face === 'total' && of.kind !== 'rows' && base !== null) return [`${kind}: sum ${base ?? of.column}`];
  const rows = `${kind}: rows`;
  if (face !== 'count') return [rows];
  const isHidden = spec.outputs.some((output) => hiddenCountOf(spec, output) === measure);
  const own = of.kind === 'column' && (base != null || valuesOf === undefined) ? [base ?? of.column] : [];
  const columns = [...new Set([...own, ...valuesOf ?? []])].sort();
  const named = columns.length > 0 ? columns : isHidden ? ['?'] : [];
  return [...(isHidden ? [] : [rows]), ...named.map((column) => `${kind}${VALUES}${column}`)];
}

const VALUES = ': values of ';

/** Whether a series is of how many values columns have. */
export const isOfValues = (series: string): boolean => series.includes(VALUES);

/** Numbers are in units of 10^-scale. */
export function scaleOf(spec: GateSpec, { measure, face }: Face): number {
  const { of } = measureOf(spec, measure);
  return face === 'total' && of.kind === 'column' ? of.scale : 0;
}

/** Whether what units add are whole numbers of units of 10^-scale. */
export function isUnrounded(spec: GateSpec, { measure, face }: Face): boolean {
  return face === 'total' && measureOf(spec, measure).unrounded === true;
}

/** To the nearest unit of another scale, halves away from zero. */
export function rescaled(value: bigint, from: number, to: number): bigint {
  if (to >= from) return value * 10n ** BigInt(to - from);
  const unit = 10n ** BigInt(from - to);
  const magnitude = (2n * (value < 0n ? -value : value) + unit) / (2n * unit);
  return value < 0n ? -magnitude : magnitude;
}

function measureOf(spec: GateSpec, measure: number): Measure {
  const of = spec.measures.find(({ id }) => id === measure);
  if (of === undefined) throw new Error('a gate lacks a measure that its outputs name');
  return of;
}

/** Whether populations in terms of this kind of unit say something about the face. */
export const concerns = (face: Face, kind: string): boolean => face.face !== 'units' || face.unit === kind;
