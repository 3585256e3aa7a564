/** Short ways to write gates, cells and policies in tests of the release. */
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import type { Value } from '#contract/table.ts';
import type { Cell, Evidence, GateCells, GateSpec, KeyColumn, Measure, Output } from '#sandbox/release/cells.ts';
import type { PinnedPolicy } from '#sandbox/release/effective-rules.ts';

export const manifest = (id = 'city', tables: Record<string, string> = { residents: 'person' }): Manifest => Manifest.parse({
  id,
  tables: Object.fromEntries(Object.entries(tables).map(([table, kind]) => [table, {
    file: `${table}.csv`,
    units: { [kind]: 'id' },
    columns: { id: { type: 'bigint', role: 'unit' }, district: { type: 'varchar', role: 'quasi' }, income: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000' } },
  }])),
});

export const policy = (statistics: Record<string, unknown> = {}, dataset = 'city'): PinnedPolicy => ({
  manifest: manifest(dataset),
  policy: Policy.parse({
    policy: `${dataset}-statistics`, version: 3, dataset,
    statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dimensions: 'any', measures: 'any', joins: 'any', ...statistics },
  }),
});

export const ROWS: Measure = { id: 0, of: { kind: 'rows' }, conditions: [], magnitude: false };
export const INCOME: Measure = { id: 1, of: { kind: 'column', column: 'city.residents.income', scale: 0 }, conditions: [], magnitude: true };

export const DISTRICT: KeyColumn = { name: 'district', type: 'VARCHAR', public: true };

export const COUNT: Output = { name: 'n', type: 'BIGINT', statistic: 'count', measure: 0 };
export const SUM: Output = { name: 'total', type: 'HUGEINT', statistic: 'sum', terms: [{ coefficient: '1', measure: 1 }], count: 1 };
export const AVG: Output = { name: 'mean', type: 'DOUBLE', statistic: 'avg', terms: [{ coefficient: '1', measure: 1 }], count: 1 };

export const gate = (spec: Partial<GateSpec>, cells: readonly Cell[], universe: readonly (readonly Value[])[] | null): GateCells => ({
  spec: { id: 0, datasets: ['city'], kinds: ['person'], columns: ['city.residents.district', 'city.residents.income'], keys: [DISTRICT], measures: [ROWS], outputs: [COUNT], ...spec },
  cells,
  universe,
});

/** Evidence of a measure where every unit has one value: its units' values are all there is to say. */
export function evidence(values: readonly (number | bigint | null)[], kind = 'person'): Evidence {
  const known = values.filter((value) => value !== null).map(BigInt);
  const absolute = known.map((value) => (value < 0n ? -value : value)).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return {
    count: BigInt(known.length),
    sum: known.reduce((sum, value) => sum + value, 0n),
    units: { [kind]: { exact: BigInt(known.length) } },
    concentration: { [kind]: { absoluteTotal: absolute.reduce((sum, value) => sum + value, 0n), largest: absolute.slice(0, 4) } },
  };
}

export const units = (n: number, kind = 'person'): Evidence => evidence(Array.from({ length: n }, () => 1), kind);
