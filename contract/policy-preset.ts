/**
 * A preset: the release rules of a body that published its own, without a dataset. The agency chooses one, adds the grid,
 * measures and joins of its data, and signs the result as its own policy.
 */
import { z } from 'zod';
import { kindsOf } from './policy-check/subject.ts';
import type { Manifest } from './manifest.ts';
import { DatasetId } from './manifest.ts';
import { Policy, Statistics, UnitRule } from './policy.ts';
import { Text } from './text.ts';

export const PolicyPreset = z.strictObject({
  preset: DatasetId,
  title: Text,
  /** What of the source is not in this preset, or said differently here. */
  notes: Text,
  sources: z.array(z.string().min(1)).min(1),
  /** One minimum, for every kind of unit that the dataset has. */
  unit: UnitRule,
  statistics: Statistics.pick({ mechanism: true, dominance: true, zeros: true, secondary: true, differencing: true, withhold: true, review: true }),
});
export type PolicyPreset = z.infer<typeof PolicyPreset>;

/** The first draft of a dataset's policy: nothing may be asked until the agency lists dimensions and measures. */
export function draftFrom(preset: PolicyPreset, manifest: Manifest): Policy {
  return Policy.parse({
    policy: manifest.id,
    version: 1,
    dataset: manifest.id,
    title: preset.title,
    basis: preset.sources.join('; '),
    statistics: {
      ...preset.statistics,
      units: Object.fromEntries(kindsOf(manifest).map((kind) => [kind, preset.unit])),
      dimensions: {},
      measures: {},
    },
  });
}
