/**
 * The built-in policy `open`, which protects nothing: for comparing the gate with plain DuckDB, in tests and `sluice try`.
 * No minimum, no dominance, no grid, no review. The structural rules of the gate stay. It cannot be proposed to a server.
 */
import type { DatasetId, Manifest } from './manifest.ts';
import { Policy } from './policy.ts';

export const OPEN_POLICY = 'open';

/** `manifests`: every dataset that may meet in a query; each unit kind of any of them gets the minimum 0. */
export function openPolicy(dataset: DatasetId, manifests: readonly Manifest[]): Policy {
  const kinds = manifests.flatMap(({ tables }) => Object.values(tables).flatMap(({ units }) => (units === 'row' ? ['row'] : Object.keys(units ?? {}))));
  return Policy.parse({
    policy: OPEN_POLICY,
    version: 1,
    dataset,
    statistics: {
      mechanism: { kind: 'suppress' },
      units: Object.fromEntries([...new Set(kinds)].sort().map((kind) => [kind, { min: 0 }])),
      zeros: 'publishable',
      dimensions: 'any',
      measures: 'any',
      joins: 'any',
    },
    limits: { jobsPerDay: 100_000, gatesPerJob: 200, resultCells: 1_000_000 },
  });
}
