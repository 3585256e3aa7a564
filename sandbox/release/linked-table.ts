/**
 * A table as secondary suppression links it with others: where its cells lie, what each number is, what of it is shown and
 * what must stay hidden. The same form for tables of this job and for those of earlier ones (`sandbox/ledger/past-table.ts`).
 */
import type { Value } from '#contract/table.ts';
import type { GateSpec } from './cells.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import type { GatePlace } from './place.ts';
import { isRecalled } from './recall.ts';
import { isFailing, isRows, isVisible, knownBounds, widthOf, type CellOfGate, type Face } from './protection.ts';

export interface LinkedCell {
  /** As the data have it. A number that the ledger gave in its place differs by fewer than `min` units: who takes this for known knows more. */
  readonly value: bigint;
  /** Some output shows it, in a row that exists for the operator. */
  readonly shown: boolean;
  /** What it shows is given as it was before, or as it follows: the same number or another. */
  readonly recalled: boolean;
  /** It failed a rule, or covers a cell that did: no other table may show it. */
  readonly held: boolean;
  /** How far apart its lowest and highest possible values must stay; 0 where it needs no protection. */
  readonly width: bigint;
  /** One unit alone contributes, of whatever kind. */
  readonly lone: boolean;
  /** What everybody knows of it beforehand; null where nothing. */
  readonly low: bigint | null;
  readonly high: bigint | null;
}

export interface LinkedFace {
  /** The same rows counted, or the same values added up. */
  readonly key: string;
  /** Its place in `GatePlace.measures`. */
  readonly measure: number;
  /** Of a count of rows: `total`, which is the same number. */
  readonly face: Face;
  /** Totals come after counts: where a count is hidden, the total of the same values goes with it. */
  readonly magnitude: boolean;
  /** No declared bound lets a value be negative. */
  readonly nonNegative: boolean;
  /** By row. */
  readonly cells: readonly LinkedCell[];
}

export interface LinkedTable {
  readonly place: GatePlace;
  /** Rows that exist for the operator first, then those that do in the sums only. */
  readonly rows: readonly { readonly keys: readonly Value[] }[];
  readonly named: number;
  readonly faces: readonly LinkedFace[];
  /** Of other data than those at hand: which, and by face, then row, whether nearly the same units are behind the cell today. */
  readonly then?: { readonly data: string; readonly near: readonly (readonly boolean[])[] };
}

/** As it was decided; for tables that have left. */
export function linkedTable(gate: DecidedGate, place: GatePlace): LinkedTable {
  const rows = [...gate.rows, ...gate.dropped];
  return {
    place, named: gate.rows.length, rows: rows.map(({ keys }) => ({ keys })),
    faces: facesOf(gate.gate.spec, place).map((face) => ({ ...face, cells: rows.map((row, r) => linkedCell(gate, row, row.withheld, face, r < gate.rows.length)) })),
  };
}

export function facesOf(spec: Pick<GateSpec, 'measures'>, place: GatePlace): readonly Omit<LinkedFace, 'cells'>[] {
  return spec.measures.flatMap(({ of, range }, measure): Omit<LinkedFace, 'cells'>[] => {
    const { rest = [], present = null } = place.measures[measure] ?? {};
    const counted = JSON.stringify([place.base, 'rows', (present === null ? [...rest] : [...rest, present]).sort()]);
    if (of.kind === 'rows') return [{ key: counted, measure, face: 'total', magnitude: false, nonNegative: true }];
    return [
      { key: counted, measure, face: 'count', magnitude: false, nonNegative: true },
      { key: JSON.stringify([place.base, of, rest]), measure, face: 'total', magnitude: true, nonNegative: (range?.min ?? 0n) >= 0n },
    ];
  });
}

/** @param withheld by measure, as decided so far; `named`: whether the row exists for the operator */
export function linkedCell({ gate: { spec }, rules }: DecidedGate, row: DecidedRow, withheld: readonly Withheld[], { measure, face }: Pick<LinkedFace, 'measure' | 'face'>, named: boolean): LinkedCell {
  const cell: CellOfGate = { spec, rules, row, measure };
  const evidence = row.evidence[measure] ?? missing();
  const own = withheld[measure] ?? missing();
  const countIsShown = named && !own.count && isVisible(spec, measure, 'count');
  const width = isFailing(cell, face) ? widthOf(cell, face) : 0n;
  return {
    value: face === 'count' ? evidence.count : evidence.sum,
    recalled: [face, ...isRows(spec, measure) ? ['count' as const] : []].some((of) => isRecalled(row.recalled?.[measure] ?? null, { face: of })),
    shown: named && !own[face] && isVisible(spec, measure, face),
    held: width > 0n || (own[face] && own.whole !== true),
    width,
    lone: Object.values(evidence.units).some((count) => 'exact' in count && count.exact === 1n),
    ...knownBounds(cell, face, named, countIsShown),
  };
}

/** Hides a number of a row that exists; a hidden count takes the total of the same values with it. @param whole it covers nothing */
export function hiddenToo(gate: DecidedGate, before: Withheld, { measure, face }: Pick<LinkedFace, 'measure' | 'face'>, whole: boolean): Withheld {
  return {
    ...before, count: before.count || face === 'count' || isRows(gate.gate.spec, measure), total: true, because: gate.rules.secondary.clause,
    ...(whole ? { whole } : {}),
  };
}

function missing(): never {
  throw new Error('a cell lacks a measure of its gate');
}
