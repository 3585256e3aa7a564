/** Which data a question was asked of: snapshots, and who was left out of them. */
import { z } from 'zod';
import { Digest } from '#contract/canonical.ts';
import type { PinnedDataset } from '#contract/job.ts';
import type { DataSession } from '../engine/data-engine.ts';

/** `hidden`: names which units of the snapshot were left out; absent: none. */
export const DataState = z.array(z.strictObject({ dataset: z.string(), snapshot: Digest.nullable(), hidden: Digest.optional() }));
export type DataState = z.infer<typeof DataState>;

export function stateOf(names: readonly string[], datasets: readonly PinnedDataset[], data: DataSession): DataState {
  return names.map((dataset) => {
    const hidden = data.hiddenFrom(dataset);
    return { dataset, snapshot: datasets.find(({ manifest }) => manifest.id === dataset)?.snapshot ?? null, ...(hidden === null ? {} : { hidden }) };
  });
}

/** Whether these data are the ones that are open: then the same question has the same answer. */
export function isOpen(state: DataState, datasets: readonly PinnedDataset[], data: DataSession): boolean {
  return state.every(({ dataset, snapshot, hidden = null }) => data.hiddenFrom(dataset) === hidden && datasets.some(({ manifest, snapshot: open }) => manifest.id === dataset && open === snapshot));
}
