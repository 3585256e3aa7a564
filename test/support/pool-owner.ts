/** Stands for a server: starts a pool with a busy and an idle worker, prints the pids of every process in it, and waits. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '#contract/canonical.ts';
import type { Isolation } from '#src/workers/cage.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool, type WorkerKey } from '#src/workers/pool.ts';

const [home, isolation, entry] = process.argv.slice(2) as [string, Isolation, string];
const pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation, keys: join(home, 'keys'), snapshotStore: join(home, 'snapshots'), memoryMb: 256, spares: 0, entry });
const key = (grant: string): WorkerKey => ({ kind: 'grant', grant, verify: false, snapshots: [{ dataset: 'city' as never, snapshot: 'a'.repeat(64) as Digest, directory: join(home, 'snapshots/a') }] });
const job = (command: string) => ({ kind: 'parquet' as const, table: { columns: [{ name: command, type: 'BIGINT' as const }], rows: [], withheld: [] } });

await pool.run(key('g1'), job('who'), { wallMs: 20_000 });
void pool.run(key('g2'), job('loop'), { wallMs: 60_000 });
while (pool.status().workers.filter(({ state }) => state === 'busy').length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
await new Promise((resolve) => setTimeout(resolve, 700));

const family = (pid: number): number[] => [pid, ...readdirSync(`/proc/${pid}/task`)
  .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number))
  .flatMap(family)];
process.stdout.write(`${JSON.stringify(pool.status().workers.flatMap(({ pid }) => family(pid!)))}\n`);
