/**
 * The built-in policy `open`: protects nothing, for tests and for comparison with the plain engine (`sluice try --policy open`).
 * Minimum 0 for every kind of unit of the dataset, no grid, no key completion, no rounding, no ledger. The structural rules stay:
 * joins on units, and a gate is needed. Registration refuses it.
 */
import type { Manifest } from './manifest.ts';
import { Policy } from './policy.ts';

export const OPEN_POLICY = 'open';

export function openPolicy(manifest: Manifest): Policy {
  const kinds = Object.values(manifest.tables).flatMap(({ units }) => (units === undefined ? [] : units === 'row' ? ['row'] : Object.keys(units)));
  return Policy.parse({
    policy: OPEN_POLICY,
    version: 1,
    dataset: manifest.id,
    statistics: {
      mechanism: { kind: 'suppress' },
      units: Object.fromEntries(kinds.map((kind) => [kind, { min: 0 }])),
      zeros: 'publishable',
      dimensions: 'any',
      measures: 'any',
      joins: 'any',
    },
    limits: { jobsPerDay: 100_000, gatesPerJob: 200, resultCells: 1_000_000 },
  });
}
