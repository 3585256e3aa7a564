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
  /** Withheld as it was before, so that what was hidden behind it does not come out. */
  readonly withheld?: { readonly count?: true; readonly total?: true };
  /** As it follows from other numbers of tables that leave together, once those are settled; withheld where one of them is. */
  readonly later?: { readonly count?: Later; readonly total?: Later; readonly units?: Readonly<Record<string, Later>> };
}

/** `unit`: of the kind that `units` counts. */
export type Face = { readonly face: 'count' | 'total' } | { readonly face: 'units'; readonly unit: string };
/** A number of the tables that leave together; null where it is withheld. */
export type Settled = (gate: number, keys: readonly Value[], measure: number, face: Face) => bigint | null;
export type Later = (settled: Settled) => bigint | null;

/** @param measure its place in the gate's measures */
export type Recall = (gate: number, keys: readonly Value[], measure: number) => Recalled | null;

/** Whether another number takes its place, or will. */
export function isRecalled(recalled: Recalled | null, face: Face): boolean {
  const isIn = (of: Recalled | Recalled['later']): boolean => (face.face === 'units' ? of?.units?.[face.unit] : of?.[face.face]) !== undefined;
  return recalled !== null && (isIn(recalled) || isIn(recalled.later));
}

/** @param because clause by which what was withheld before stays so */
export function withheldAfterRecall(own: Withheld, isRows: boolean, recalled: Recalled | null, because: string): Withheld {
  if (recalled === null) return own;
  const { withheld = {} } = recalled;
  const count = withheld.count ?? (own.count && recalled.count === undefined && recalled.units === undefined);
  const total = withheld.total ?? withheld.count ?? (own.total && recalled.total === undefined && !(isRows && recalled.count !== undefined));
  const clause = (count && !own.count) || (total && !own.total) ? because : own.because;
  return { ...own, count, total, ...(clause === undefined ? {} : { because: clause }) };
}

/** Puts recalled numbers in their places; the last step before tables are minted. */
export function recallNumbers(gates: readonly PublishedGate[]): readonly PublishedGate[] {
  if (!gates.some(({ rows }) => rows.some(({ recalled }) => recalled !== undefined))) return gates;
  const recalled = gates.map((gate) => replaceRows(gate, (row) => ({ ...row, published: row.published.map((own, i) => replaced(own, row.recalled?.[i] ?? null, isRows(gate, i))) })));
  const rows = new Map(recalled.flatMap((gate) => gate.rows.map((row) => [place(gate.gate.spec.id, row.keys), row])));
  const settled: Settled = (gate, keys, measure, face) => {
    const row = rows.get(place(gate, keys));
    const published = row?.published[measure];
    if (row === undefined || published === undefined || (row.withheld[measure]?.[face.face === 'total' ? 'total' : 'count'] ?? true)) return null;
    if (face.face !== 'units') return published[face.face];
    const units = published.units[face.unit];
    return units !== undefined && 'exact' in units ? units.exact : null;
  };
  // What follows comes after what it follows from: a later measure of the same row, or another row.
  return recalled.map((gate) => replaceRows(gate, (row) => {
    return row.recalled?.reduce<PublishedRow>((current, one, i) => {
      const next = followed(current, i, one?.later ?? {}, isRows(gate, i), settled);
      rows.set(place(gate.gate.spec.id, row.keys), next);
      return next;
    }, row) ?? row;
  }));
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
  let withheld = row.withheld[measure];
  let published = row.published[measure];
  if (withheld === undefined || published === undefined) return row;
  if (later.count !== undefined) {
    const count = later.count(settled);
    if (count === null) withheld = { ...withheld, count: true, total: withheld.total || rowsOnly };
    else published = { ...published, count, total: rowsOnly ? count : published.total };
  }
  if (later.total !== undefined) {
    const total = later.total(settled);
    if (total === null) withheld = { ...withheld, total: true };
    else published = { ...published, total };
  }
  for (const [kind, follow] of Object.entries(later.units ?? {})) {
    const exact = follow(settled);
    if (exact === null) withheld = { ...withheld, count: true };
    else published = { ...published, units: { ...published.units, [kind]: { exact } } };
  }
  return { ...row, withheld: row.withheld.with(measure, withheld), published: row.published.with(measure, published) };
}
