/**
 * Cell-key noise on the measures of a cell. Counts of units take their noise from the table directly; everything one unit can
 * contribute more than one to (rows of a multi-row unit, sums) takes table noise times its largest possible contribution,
 * and a part of it below that, since a multiple of a known number could be taken off again.
 */
import type { Mechanism } from '#contract/policy.ts';
import { buildTable } from '#sandbox/sdc/cell-key/maximum-entropy.ts';
import { CellKeyNoise } from '#sandbox/sdc/cell-key/noise.ts';
import type { PerturbationTable } from '#sandbox/sdc/cell-key/table.ts';
import type { Evidence, Measure } from './cells.ts';
import type { Published } from './publish.ts';

export type PerturbationTables = Readonly<Record<string, PerturbationTable>>;

/** By the table that the mechanism names or describes; null where it is not at hand, or there is none. */
export function noiseOf(mechanism: Extract<Mechanism, { kind: 'cell-key' }>, tables: PerturbationTables, secret: () => Uint8Array): CellKeyNoise | null {
  const table = tableFor(mechanism, tables);
  return table === null ? null : new CellKeyNoise(table, secret);
}

function tableFor({ table, variance, maxDeviation, js = 0 }: Extract<Mechanism, { kind: 'cell-key' }>, tables: PerturbationTables): PerturbationTable | null {
  if (table !== undefined) return Object.hasOwn(tables, table) ? tables[table] ?? null : null;
  return variance === undefined || maxDeviation === undefined ? null : buildTable(Number(variance), maxDeviation, js);
}

/** Distinct units of a kind with a value, as the operator may know them. */
export function perturbedUnits(evidence: Evidence, kind: string, noise: CellKeyNoise): bigint {
  const units = evidence.units[kind];
  if (units === undefined || !('exact' in units)) throw new Error('cell-key noise needs the exact number of units');
  return units.exact + noise.count(units.exact, keyOf(evidence, kind), kind);
}

export function perturb(measure: Measure, evidence: Evidence, kinds: readonly string[], noise: CellKeyNoise): Published {
  const count = perturbedCount(measure, evidence, kinds, noise);
  return {
    count,
    total: measure.of.kind === 'rows' ? count : perturbedTotal(measure, evidence, kinds, noise, measure.of.column),
    units: Object.fromEntries(kinds.map((kind) => [kind, { exact: perturbedUnits(evidence, kind, noise) }])),
  };
}

function perturbedCount(measure: Measure, evidence: Evidence, kinds: readonly string[], noise: CellKeyNoise): bigint {
  const single = kinds.find((kind) => measure.bound?.[kind]?.rows === 1n);
  if (single !== undefined) return perturbedUnits(evidence, single, noise);
  const kind = widest(measure, kinds, 'rows');
  const noisy = evidence.count + scaledNoise(evidence, kind, measure.bound?.[kind]?.rows ?? missing(), noise, 'rows', evidence.count);
  return noisy < 0n ? 0n : noisy;
}

function perturbedTotal(measure: Measure, evidence: Evidence, kinds: readonly string[], noise: CellKeyNoise, column: string): bigint {
  const kind = widest(measure, kinds, 'total');
  return evidence.sum + scaledNoise(evidence, kind, measure.bound?.[kind]?.total ?? missing(), noise, column, evidence.sum);
}

function scaledNoise(evidence: Evidence, kind: string, bound: bigint, noise: CellKeyNoise, of: string, exact: bigint): bigint {
  const units = evidence.units[kind];
  if (units === undefined || !('exact' in units)) throw new Error('cell-key noise needs the exact number of units');
  return noise.magnitude(units.exact, bound, evidence.cellKey ?? missing(), of, exact);
}

/** The kind whose units can contribute most: the noise has to cover the largest of them. */
function widest(measure: Measure, kinds: readonly string[], face: 'rows' | 'total'): string {
  const bound = (kind: string) => measure.bound?.[kind]?.[face] ?? 0n;
  return kinds.reduce((most, kind) => (bound(kind) > bound(most) ? kind : most), kinds[0] ?? missing());
}

function keyOf(evidence: Evidence, kind: string): number {
  return evidence.cellKey?.[kind] ?? missing();
}

function missing(): never {
  throw new Error('cell-key noise needs bounds and cell keys of every unit kind');
}
