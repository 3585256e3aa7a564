/**
 * Numbers that are given as they were released before, or as they follow from what was (`sandbox/ledger`): they take the place
 * of the cell's own numbers, whatever the rules say about those, so that a population looks the same whether it is the
 * earlier one or differs by a few units.
 */
import type { Value } from '#contract/table.ts';
import type { Withheld } from './decide.ts';
import type { Published, PublishedGate, PublishedRow } from './publish.ts';

/** Of one measure of one cell. What is absent is decided as usual. */
export interface Recalled {
  readonly count?: bigint;
  readonly total?: bigint;
  readonly units?: Readonly<Record<string, bigint>>;
  /** As it follows from other numbers of tables that leave together, once those are settled; withheld where one of them is. */
  readonly later?: { readonly count?: Later; readonly total?: Later };
}

/** A number of the tables that leave together; null where it is withheld. */
export type Settled = (gate: number, keys: readonly Value[], measure: number, face: 'count' | 'total') => bigint | null;
export type Later = (settled: Settled) => bigint | null;

/** @param measure its place in the gate's measures */
export type Recall = (gate: number, keys: readonly Value[], measure: number) => Recalled | null;

export function withheldAfterRecall(own: Withheld, isRows: boolean, recalled: Recalled | null): Withheld {
  if (recalled === null) return own;
  const count = own.count && recalled.count === undefined && recalled.units === undefined;
  const total = own.total && recalled.total === undefined && !(isRows && recalled.count !== undefined);
  return { count, total, ...(own.because === undefined ? {} : { because: own.because }) };
}

/** Puts recalled numbers in their places; the last step before tables are minted. */
export function recallNumbers(gates: readonly PublishedGate[]): readonly PublishedGate[] {
  const recalled = gates.map((gate) => replaceRows(gate, (row) => ({ ...row, published: row.published.map((own, i) => replaced(own, row.recalled?.[i] ?? null, isRows(gate, i))) })));
  const rows = new Map(recalled.flatMap((gate) => gate.rows.map((row) => [place(gate.gate.spec.id, row.keys), row])));
  const settled: Settled = (gate, keys, measure, face) => {
    const row = rows.get(place(gate, keys));
    return row === undefined || (row.withheld[measure]?.[face] ?? true) ? null : row.published[measure]?.[face] ?? null;
  };
  // What follows comes after what it follows from: a later measure of the same row, or another row.
  return recalled.map((gate) => replaceRows(gate, (row) => row.recalled?.reduce<PublishedRow>((current, one, i) => {
    const next = followed(current, i, one?.later ?? {}, isRows(gate, i), settled);
    rows.set(place(gate.gate.spec.id, row.keys), next);
    return next;
  }, row) ?? row));
}

const place = (gate: number, keys: readonly Value[]): string => JSON.stringify([gate, keys]);
const isRows = ({ gate: { spec } }: PublishedGate, measure: number): boolean => spec.measures[measure]?.of.kind === 'rows';

function replaceRows(gate: PublishedGate, replace: (row: PublishedRow) => PublishedRow): PublishedGate {
  return { ...gate, rows: gate.rows.map((row) => (row.recalled === undefined ? row : replace(row))) };
}

function replaced(own: Published, recalled: Recalled | null, rowsOnly: boolean): Published {
  if (recalled === null) return own;
  const count = recalled.count ?? own.count;
  return { count, total: rowsOnly ? count : recalled.total ?? own.total, units: { ...own.units, ...Object.fromEntries(Object.entries(recalled.units ?? {}).map(([kind, exact]) => [kind, { exact }])) } };
}

function followed(row: PublishedRow, measure: number, later: NonNullable<Recalled['later']>, rowsOnly: boolean, settled: Settled): PublishedRow {
  let current = row;
  for (const face of ['count', 'total'] as const) {
    const follow = later[face];
    if (follow === undefined) continue;
    const value = follow(settled);
    const faces = rowsOnly ? (['count', 'total'] as const) : ([face] as const);
    const change = <T extends object>(list: readonly T[], members: object): readonly T[] => list.map((each, i) => (i === measure ? { ...each, ...members } : each));
    current = value === null
      ? { ...current, withheld: change(current.withheld, Object.fromEntries(faces.map((name) => [name, true]))) }
      : { ...current, published: change(current.published, Object.fromEntries(faces.map((name) => [name, value]))) };
  }
  return current;
}
