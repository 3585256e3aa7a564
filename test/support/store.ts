/** A store in a directory of its own, with a clock that ticks and randomness that repeats. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '#contract/event.ts';
import type { Projection } from '#src/store/projection.ts';
import { serviceProjection } from '#src/store/service.ts';
import { Store } from '#src/store/store.ts';

export const SYSTEM: Actor = { id: 'system', role: 'system', via: 'system' };

/** One second later at each call, from 2026-01-01T00:00:00Z on. */
export function tickingClock(start = Date.UTC(2026, 0, 1)): () => Date {
  let next = start;
  return () => new Date((next += 1000));
}

/** SHA-256 of a counter: repeatable, and different at each call. */
export function countingRandom(seed = 'test'): (bytes: number) => Uint8Array {
  let count = 0;
  return (bytes) => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < bytes; have += 32) blocks.push(createHash('sha256').update(`${seed} ${count++}`).digest());
    return new Uint8Array(Buffer.concat(blocks).subarray(0, bytes));
  };
}

export interface TestStore {
  readonly store: Store;
  readonly directory: string;
  /** Closes the store and removes the directory. */
  dispose(): Promise<void>;
}

export function openTestStore(projections: readonly Projection[] = [serviceProjection], clock = tickingClock()): TestStore {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  const opened = Store.open({ directory, clock, random: countingRandom(), projections });
  if (!opened.ok) throw new Error(opened.error.code);
  const store = opened.value;
  return {
    store,
    directory,
    dispose: async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
