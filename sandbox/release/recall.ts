/**
 * Numbers that are given as they were released before, or as they follow from what was (`sandbox/ledger`): they take the place
 * of the cell's own numbers, whatever the rules say about those, so that a population looks the same whether it is the
 * earlier one or differs by a few units.
 */
import type { Value } from '#contract/table.ts';
import type { Withheld } from './decide.ts';
import type { Published, PublishedGate } from './publish.ts';

/** Of one measure of one cell. What is absent is decided as usual. */
export interface Recalled {
  readonly count?: bigint;
  readonly total?: bigint;
  readonly units?: Readonly<Record<string, bigint>>;
  /** Faces that must not leave: with others of the same tables they would tell a few units apart. */
  readonly withhold?: { readonly count: boolean; readonly total: boolean };
}

/** @param measure its place in the gate's measures */
export type Recall = (gate: number, keys: readonly Value[], measure: number) => Recalled | null;

export function withheldAfterRecall(own: Withheld, isRows: boolean, recalled: Recalled | null, clause: string): Withheld {
  if (recalled === null) return own;
  const shownCount = recalled.count !== undefined || recalled.units !== undefined;
  const shownTotal = recalled.total !== undefined || (isRows && recalled.count !== undefined);
  const hides = recalled.withhold ?? { count: false, total: false };
  const count = shownCount ? false : own.count || hides.count;
  const total = shownTotal ? false : own.total || hides.total || (isRows && hides.count);
  return { count, total, ...(hides.count || hides.total ? { because: clause } : own.because === undefined ? {} : { because: own.because }) };
}

/** Puts recalled numbers in their places; the last step before a table is minted. */
export function recallNumbers(gate: PublishedGate): PublishedGate {
  return {
    ...gate,
    rows: gate.rows.map((row) => (row.recalled === undefined ? row : { ...row, published: row.published.map((own, i) => replaced(own, row.recalled?.[i] ?? null, gate.gate.spec.measures[i]?.of.kind === 'rows')) })),
  };
}

function replaced(own: Published, recalled: Recalled | null, isRows: boolean): Published {
  if (recalled === null) return own;
  const count = recalled.count ?? own.count;
  return { count, total: isRows ? count : recalled.total ?? own.total, units: { ...own.units, ...Object.fromEntries(Object.entries(recalled.units ?? {}).map(([kind, exact]) => [kind, { exact }])) } };
}
