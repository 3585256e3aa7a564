/**
 * Data for benchmarks: the demonstration city at the size asked for, made once and kept below `var/bench`.
 * `persons`: residents, declared one row per unit. `visits`: visits of a fifth as many residents, declared at most 40 rows per
 * unit. Each is taken in by an ingest worker, as a registration does it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Digest } from '#contract/canonical.ts';
import { Manifest } from '#contract/manifest.ts';
import { decideIsolation } from '#src/workers/cage.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { generateCity, type CityOptions } from '../datasets/city/generate.ts';

export type BenchData = 'persons' | 'visits';

/** A snapshot that workers can open. */
export interface BenchSnapshot {
  readonly manifest: Manifest;
  readonly snapshot: Digest;
  readonly directory: string;
  readonly keys: string;
}

export const BELOW = fileURLToPath(new URL('../var/bench', import.meta.url));

const MADE = {
  persons: (rows) => ({ size: { residents: rows, enterprises: 1, visits: 0 }, tables: ['residents'] }),
  visits: (rows) => ({ size: { residents: Math.max(1, Math.round(rows / 5)), enterprises: 1, visits: rows }, tables: ['residents', 'visits'] }),
} as const satisfies Record<BenchData, (rows: number) => Omit<CityOptions, 'directory'>>;

/** Directory with manifest and files; made where missing, which takes about a minute for ten million rows. */
export function benchData(which: BenchData, rows: number): string {
  const target = join(BELOW, `${which}-${rows}`);
  // Written last: what an interrupted run left behind is made again.
  const complete = join(target, '.complete');
  if (!existsSync(complete)) {
    mkdirSync(target, { recursive: true });
    generateCity({ directory: target, ...MADE[which](rows) });
    writeFileSync(complete, '');
  }
  return target;
}

/** The data as a snapshot, taken in where they are not yet. */
export async function benchSnapshot(which: BenchData, rows: number): Promise<BenchSnapshot> {
  const source = benchData(which, rows);
  const [keys, snapshotStore, kept] = [join(BELOW, 'keys'), join(source, 'snapshots'), join(source, 'ingested.json')];
  if (!existsSync(kept)) {
    mkdirSync(snapshotStore, { recursive: true, mode: 0o700 });
    await initKeys(keys);
    writeFileSync(kept, JSON.stringify(await ingest(source, keys, snapshotStore)));
  }
  const { snapshot, manifest } = JSON.parse(readFileSync(kept, 'utf8')) as Record<string, unknown>;
  const address = Digest.parse(snapshot);
  return { manifest: Manifest.parse(manifest), snapshot: address, directory: join(snapshotStore, address), keys };
}

async function ingest(source: string, keys: string, snapshotStore: string) {
  const isolation = decideIsolation('auto');
  if (!isolation.ok) throw new Error(isolation.error.en);
  // Ten million different people need more than the 2 GB of the default.
  const pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: isolation.value, keys, snapshotStore, ingestMemoryMb: 8192 });
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(source, 'dataset.json'), 'utf8')));
  const answer = await pool.run({ kind: 'ingest', source }, { kind: 'ingest', manifest, source, trial: false }, { wallMs: 30 * 60_000 });
  await pool.close();
  if (answer.kind !== 'ingested') throw new Error(`the data cannot be taken in: ${JSON.stringify(answer)}`);
  return { snapshot: answer.ingested.snapshot, manifest: answer.ingested.manifest };
}
