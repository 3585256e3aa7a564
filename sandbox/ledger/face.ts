/**
 * The numbers of a gate that leave: for each measure how many values it has, what they add up to, how many units they come
 * from. Each is a series of its own: cells of one series answer the same question about different populations.
 */
import { assertNever } from '#contract/result.ts';
import type { GateSpec } from '../release/cells.ts';

export interface Face {
  /** Id of the measure. */
  readonly measure: number;
  readonly face: 'count' | 'total' | 'units';
  /** Of `units`: the kind that is counted. */
  readonly unit: string | null;
}

/** In a fixed order, each once. A count of rows has one face: count and total are the same number. */
export function facesOf(spec: GateSpec): readonly Face[] {
  const faces = new Map<string, Face>();
  const add = (measure: number, face: Face['face'], unit: string | null = null): void => {
    const isRows = spec.measures.find(({ id }) => id === measure)?.of.kind === 'rows';
    const named: Face = { measure, face: face === 'total' && isRows ? 'count' : face, unit };
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
 * Cells of one series are compared with each other. A count of values of a column is a count of the rows that have one, and a
 * count of units one of one row each, so all counts are one series. `kind`: of the units in whose terms populations are compared.
 * @param position of a window (`lowest`, a level, `highest`): then the mean of one, and comparable with nothing else
 */
export function seriesOf(spec: GateSpec, { measure, face, unit }: Face, kind: string, position: string | null = null): string {
  const of = spec.measures.find(({ id }) => id === measure)?.of;
  if (of === undefined) throw new Error('a gate lacks a measure that its outputs name');
  if (position !== null) return `${kind}: window ${position} ${face} ${of.kind === 'column' ? `${of.column} ${of.scale}` : 'rows'}`;
  switch (face) {
    case 'count': return `${kind}: rows`;
    case 'units': return unit === kind ? `${kind}: rows` : `${kind}: units ${unit}`;
    case 'total': return of.kind === 'rows' ? `${kind}: rows` : `${kind}: sum ${of.column} ${of.scale}`;
    default: return assertNever(face);
  }
}

/** Whether populations in terms of this kind of unit say something about the face. */
export const concerns = (face: Face, kind: string): boolean => face.face !== 'units' || face.unit === kind;
