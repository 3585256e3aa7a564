/** How a row of a cell query is read. */
import type { Cell, Evidence, GateSpec, Units } from '../../release/cells.ts';
import type { Extremes } from '#sandbox/sdc/leverage.ts';
import { toWire, type EngineValue } from '../../engine/value.ts';
import { rowsAreUnits, type Slot, type UnitNeed } from './cell-query.ts';

/** Where a measure's evidence stands in a row; worked out once, since a gate may have many rows. */
interface EvidencePlaces {
  readonly isRows: boolean;
  readonly count: number;
  readonly sum: number;
  readonly parts: readonly { readonly at: number; readonly factor: bigint }[];
  readonly kinds: readonly { readonly kind: string; readonly units: number; readonly absolute: number; readonly largest: readonly number[]; readonly greatest: number; readonly least: number; readonly oneEach: boolean; readonly recordKey: number }[];
}

export function decoder(slots: readonly Slot[], spec: GateSpec, needs: readonly UnitNeed[]): (row: readonly EngineValue[]) => Cell {
  const find = (matches: (slot: Slot) => boolean): number => slots.findIndex(matches);
  const keys = slots.flatMap((slot, i) => (slot.kind === 'key' ? [i] : []));
  const places = spec.measures.map(({ id, of }): EvidencePlaces => {
    const count = find((slot) => slot.kind === 'count' && slot.measure === id);
    const ofUnit = (kind: string, unit: string): number => find((slot) => slot.kind === kind && 'unit' in slot && slot.measure === id && slot.unit === unit);
    return {
      isRows: of.kind === 'rows',
      count,
      sum: find((slot) => slot.kind === 'sum' && slot.measure === id),
      parts: slots.flatMap((slot, i) => (slot.kind === 'part' && slot.measure === id ? [{ at: i, factor: 10n ** BigInt(slot.digits) }] : [])),
      kinds: needs.map((need) => ({
        kind: need.kind,
        units: need.counts.has(id) && rowsAreUnits(need) ? count : ofUnit('units', need.kind),
        absolute: ofUnit('absolute', need.kind),
        largest: slots.flatMap((slot, i) => (slot.kind === 'largest' && slot.measure === id && slot.unit === need.kind ? [i] : [])),
        greatest: ofUnit('greatest', need.kind),
        least: ofUnit('least', need.kind),
        oneEach: need.oneRow,
        recordKey: ofUnit('record-key', need.kind),
      })),
    };
  });
  return (row) => ({ keys: keys.map((i) => toWire(row[i] ?? null)), evidence: places.map((place) => evidenceOf(place, row)) });
}

function evidenceOf(place: EvidencePlaces, row: readonly EngineValue[]): Evidence {
  const at = (i: number): bigint => whole(row[i] ?? null) ?? 0n;
  const count = at(place.count);
  const units = Object.fromEntries(place.kinds.map((kind): [string, Units] => [kind.kind, kind.units === -1 ? { atLeast: 0n } : { exact: at(kind.units) }]));
  const concentration = Object.fromEntries(place.kinds.filter(({ absolute }) => absolute !== -1).map((kind) => [
    kind.kind, { absoluteTotal: at(kind.absolute), largest: kind.largest.map((i) => whole(row[i] ?? null)).filter((total) => total !== null) },
  ]));
  const fitted = place.kinds.filter(({ greatest }) => greatest !== -1).map(({ kind, greatest, least, oneEach }): [string, Extremes] => [kind, { largest: listed(row[greatest] ?? null), smallest: listed(row[least] ?? null), oneEach }]);
  const keyed = place.kinds.filter(({ recordKey }) => recordKey !== -1).map(({ kind, recordKey }) => [kind, Number(at(recordKey) & 0xffff_ffffn)]);
  return { count, sum: place.isRows ? count : place.parts.reduce((sum, part) => sum + at(part.at) * part.factor, at(place.sum)), units, concentration, ...(fitted.length === 0 ? {} : { extremes: Object.fromEntries(fitted) }), ...(keyed.length === 0 ? {} : { cellKey: Object.fromEntries(keyed) }) };
}

const listed = (value: EngineValue): readonly bigint[] => (typeof value === 'string' && value !== '' ? value.split(',').flatMap((each) => whole(each) ?? []) : []);

/** An exact number of the engine in its own units: a decimal's digits without the point. Null for NULL. */
export function whole(value: EngineValue): bigint | null {
  if (value === null) return null;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(value);
  if (typeof value === 'string') return BigInt(value.replace('.', ''));
  throw new TypeError('evidence is a whole number');
}
