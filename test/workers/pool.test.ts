/** The pool against a worker that misbehaves in every way: each is one constant failure, and the next job is answered. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Digest } from '#contract/canonical.ts';
import type { DatasetId } from '#contract/manifest.ts';
import type { Answer, ParquetJob } from '#contract/job.ts';
import { decideIsolation, type Isolation } from '#src/workers/cage.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool, type PoolOptions, type SnapshotReference, type WorkerKey } from '#src/workers/pool.ts';
import { WorkerProcess } from '#src/workers/worker-process.ts';

const ENTRY = fileURLToPath(new URL('../support/rogue-worker.ts', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'sluice-pool-'));
for (const name of ['keys', 'snapshots', 'snapshots/a']) mkdirSync(join(home, name));

const caged = decideIsolation('auto');
const isolations: Isolation[] = caged.ok && caged.value === 'bubblewrap' ? ['process', 'bubblewrap'] : ['process'];
if (isolations.length === 1) console.log('bubblewrap does not work here: the cage is tested as a plain process only');

const options = (isolation: Isolation): PoolOptions => ({
  ...DEFAULT_POOL_OPTIONS, isolation, keys: join(home, 'keys'), snapshotStore: join(home, 'snapshots'), memoryMb: 256, entry: ENTRY,
});

const SNAPSHOTS: SnapshotReference[] = [{ dataset: 'city' as DatasetId, snapshot: 'a'.repeat(64) as Digest, directory: join(home, 'snapshots/a') }];
const grant = (name: string): WorkerKey => ({ kind: 'grant', grant: name, verify: false, snapshots: SNAPSHOTS });
const job = (command: string): ParquetJob => ({ kind: 'parquet', table: { columns: [{ name: command, type: 'BIGINT' }], rows: [], withheld: [] } });
const textOf = (answer: Answer): string => (answer.kind === 'parquet' ? Buffer.from(answer.bytes, 'base64').toString('utf8') : answer.kind);
const alive = (pid: number): boolean => { try { process.kill(pid, 0); return true; } catch { return false; } };

async function until(condition: () => boolean, ms = 5000): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > ms) throw new Error('did not happen in time');
    await sleep(20);
  }
}

describe.each(isolations)('%s', (isolation) => {
  let pool: WorkerPool;
  beforeEach(() => { pool = new WorkerPool({ ...options(isolation), spares: 0 }); });
  afterEach(() => pool.close());

  const ask = (command: string, wallMs = 15_000, name = 'g1') => pool.run(grant(name), job(command), { wallMs });
  const who = async (name = 'g1') => JSON.parse(textOf(await ask('who', 15_000, name))) as { pid: number; jobs: number; env: Record<string, string>; isolation: string };

  // What happens to an answer does not depend on the cage; how a process dies does.
  const lies = isolation === 'process' ? ['garbage', 'not-json', 'oversized', 'truncated', 'wrong-kind', 'other-answer', 'extra-member', 'failed'] : [];
  test.each(['exit', 'crash', ...lies])(
    'a worker that answers with %s is one failure and is replaced', async (command) => {
      expect(await who()).toMatchObject({ jobs: 1 });
      expect(await ask(command)).toEqual({ kind: 'failed' });
      expect(await who()).toMatchObject({ jobs: 1 });
    });

  test.each(['hang', 'loop'])('%s ends by the wall clock; the next job answers', async (command) => {
    await who();
    expect(await ask(command, 300)).toEqual({ kind: 'failed' });
    expect(await who()).toMatchObject({ jobs: 1 });
  });

  test('a memory bomb hits the data-segment limit, in Node and in the engine', async () => {
    expect(await ask('bomb')).toEqual({ kind: 'failed' });
    const answer = await ask('engine-bomb');
    expect(['failed', 'survived']).toContain(textOf(answer));
    expect(await who()).toMatchObject({ jobs: expect.any(Number) });
  });

  test('a CPU loop ends by the kernel where the wall clock is generous', async () => {
    const short = new WorkerPool({ ...options(isolation), spares: 0, cpuSeconds: 1 });
    expect(await short.run(grant('g1'), job('loop'), { wallMs: 30_000 })).toEqual({ kind: 'failed' });
    await short.close();
  });

  test('speaking twice ends a worker; the first answer counts', async () => {
    expect(textOf(await ask('twice'))).toBe('1');
    await until(() => pool.status().workers.length === 0);
    expect(await who()).toMatchObject({ jobs: 1 });
  });

  test('a worker serves one grant only, and its jobs one after the other', async () => {
    const first = await who('g1');
    expect(await who('g1')).toMatchObject({ pid: first.pid, jobs: 2 });
    expect((await pool.run(grant('g2'), job('who'), { wallMs: 15_000 })).kind).toBe('parquet');
    expect(await who('g2')).toMatchObject({ jobs: 2 });
    expect(await who('g1')).toMatchObject({ jobs: 3 });
  });

  test('is replaced after its number of jobs', async () => {
    const worn = new WorkerPool({ ...options(isolation), spares: 0, jobsPerWorker: 2 });
    const jobs = [];
    for (let i = 0; i < 4; i++) jobs.push(JSON.parse(textOf(await worn.run(grant('g1'), job('who'), { wallMs: 15_000 }))).jobs);
    expect(jobs).toEqual([1, 2, 1, 2]);
    await worn.close();
  });

  test('the environment holds nothing of the server', async () => {
    process.env['SLUICE_TEST_SECRET'] = 'CANARY-ENV';
    const { env, isolation: stated } = await who();
    delete process.env['SLUICE_TEST_SECRET'];
    expect(Object.keys(env).filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort()).toEqual(['HOME', 'LANG', 'MALLOC_ARENA_MAX', 'NODE_COMPILE_CACHE', 'PATH', 'TMPDIR', 'TZ']);
    expect(stated).toBe(isolation);
  });

  test('a revoked grant loses its running and its waiting jobs', async () => {
    const running = ask('hang', 30_000);
    const waiting = [ask('slow', 30_000), ask('slow', 30_000), ask('slow', 30_000)];
    await until(() => pool.status().waiting === 2);
    pool.killGrant('g1');
    expect(await running).toEqual({ kind: 'failed' });
    expect((await Promise.all(waiting)).map(textOf)).toEqual(['failed', 'failed', 'failed']);
  });

  test('an aborted job is killed when it runs and forgotten when it waits', async () => {
    const controller = new AbortController();
    const one = pool.run(grant('g1'), job('hang'), { wallMs: 30_000, signal: controller.signal });
    const two = pool.run(grant('g1'), job('hang'), { wallMs: 30_000, signal: controller.signal });
    const three = pool.run(grant('g1'), job('hang'), { wallMs: 30_000, signal: controller.signal });
    await until(() => pool.status().running === 2 && pool.status().workers.every(({ state }) => state === 'busy'));
    controller.abort();
    expect(await Promise.all([one, two, three])).toEqual([{ kind: 'failed' }, { kind: 'failed' }, { kind: 'failed' }]);
    expect(await who()).toMatchObject({ jobs: 1 });
  });

  test('close() leaves no process', async () => {
    await Promise.all([ask('who'), ask('who', 15_000, 'g2')]);
    const pids = pool.status().workers.map(({ pid }) => pid!);
    expect(pids.length).toBeGreaterThan(0);
    await pool.close();
    expect(pids.filter(alive)).toEqual([]);
    expect(await ask('who')).toEqual({ kind: 'failed' });
  });

  test('no worker outlives a server that is killed', async () => {
    const server = spawn(process.execPath, ['--no-warnings', fileURLToPath(new URL('../support/pool-owner.ts', import.meta.url)), home, isolation, ENTRY], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pids = await new Promise<number[]>((resolve) => server.stdout.once('data', (line) => resolve(JSON.parse(String(line)))));
    expect(pids.filter(alive)).toEqual(pids);
    server.kill('SIGKILL');
    await until(() => pids.filter(alive).length === 0);
  });
});

describe('turns', () => {
  let pool: WorkerPool;
  beforeEach(() => { pool = new WorkerPool({ ...options('process'), spares: 0, concurrency: 1 }); });
  afterEach(() => pool.close());

  test("checks of one organisation do not wait behind another's backlog", async () => {
    const ended: string[] = [];
    const check = async (turn: string) => {
      await pool.run({ kind: 'check' }, job('slow'), { wallMs: 15_000, turn });
      ended.push(turn);
    };
    const backlog = Array.from({ length: 8 }, () => check('hostile'));
    const other = [check('other'), check('other')];
    await Promise.all([...backlog, ...other]);
    expect(ended.slice(0, 5).filter((turn) => turn === 'other')).toHaveLength(2);
    expect(pool.status().workers.map(({ role }) => role)).toEqual(['check']);
  });

  test.runIf(process.platform === 'linux')('a worker that checks gives way to one that runs jobs', async () => {
    const niceness = ({ pid }: { readonly pid: number }) => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[16]);
    const check = JSON.parse(textOf(await pool.run({ kind: 'check' }, job('who'), { wallMs: 15_000 })));
    const runs = JSON.parse(textOf(await pool.run(grant('g1'), job('who'), { wallMs: 15_000 })));
    expect(niceness(check)).toBeGreaterThan(niceness(runs));
  });

  test('what one organisation has done aside, each time by another worker, does not delay another’s', async () => {
    const ended: string[] = [];
    const enter = async (turn: string, of: number) => {
      await pool.run(grant(`${turn}-${of}`), job('slow'), { wallMs: 15_000, aside: true, turn });
      pool.killGrant(`${turn}-${of}`);
      ended.push(turn);
    };
    const backlog = Array.from({ length: 6 }, (_, i) => enter('hostile', i));
    const other = [enter('other', 0)];
    await Promise.all([...backlog, ...other]);
    expect(ended.indexOf('other')).toBeLessThanOrEqual(2);
    expect(ended).toHaveLength(7);
  });

  test('what is done aside takes no place of a job, waits for its like, and ends with its grant', async () => {
    const aside = ['t1', 't2'].map((name) => pool.run(grant(name), job('hang'), { wallMs: 15_000, aside: true }));
    const replay = pool.run({ ...grant('r'), verify: true } as WorkerKey, job('who'), { wallMs: 15_000 });
    expect(textOf(await pool.run(grant('g1'), job('slow'), { wallMs: 15_000 }))).toBe('done');
    expect(pool.status().workers.map(({ role, state }) => [role, state])).toEqual([['grant', 'busy'], ['grant', 'idle']]);
    pool.killGrant('t1');
    pool.killGrant('t2');
    expect(await Promise.all(aside)).toEqual([{ kind: 'failed' }, { kind: 'failed' }]);
    expect(JSON.parse(textOf(await replay))).toMatchObject({ jobs: 1 });
  });
});

describe('spares', () => {
  test('stand ready, belong to the grant that takes one, and are replaced', async () => {
    const pool = new WorkerPool({ ...options('process'), spares: 1 });
    await pool.prepare(SNAPSHOTS);
    expect(pool.status().workers).toMatchObject([{ state: 'spare' }]);
    const spare = pool.status().workers[0]!.pid;
    expect(JSON.parse(textOf(await pool.run(grant('g1'), job('who'), { wallMs: 15_000 })))).toMatchObject({ pid: spare });
    await until(() => pool.status().workers.filter(({ state }) => state === 'spare').length === 1);
    await pool.close();
  });
  test('idle workers are ended', async () => {
    const pool = new WorkerPool({ ...options('process'), spares: 0, idleMs: 100 });
    await pool.run(grant('g1'), job('who'), { wallMs: 15_000 });
    expect(pool.status().workers).toMatchObject([{ state: 'idle', residentBytes: expect.any(Number) }]);
    await until(() => pool.status().workers.length === 0);
    await pool.close();
  });
});

test.runIf(isolations.includes('bubblewrap'))('the cage hides other files', async () => {
  writeFileSync(join(home, 'secret'), 'CANARY-FILE');
  writeFileSync(join(home, 'keys', 'k'), 'key');
  const pool = new WorkerPool({ ...options('bubblewrap'), spares: 0 });
  const read = async (key: WorkerKey, path: string) => textOf(await pool.run(key, job(`read ${path}`), { wallMs: 15_000 }));
  expect(await read(grant('g1'), join(home, 'secret'))).toBe('ENOENT');
  expect(await read(grant('g1'), '/etc/passwd')).toBe('ENOENT');
  expect(await read(grant('g1'), '/proc/net/dev')).not.toContain('eth0');
  expect(await read(grant('g1'), join(home, 'keys', 'k'))).toBe('key');
  // A worker that only checks has neither keys nor data.
  expect(await read({ kind: 'check' }, join(home, 'keys', 'k'))).toBe('ENOENT');
  await pool.close();
});

/** Processes that have the text among their arguments. */
const withArgument = (text: string): number => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
  } catch {
    return false;
  }
}).length;

test.runIf(isolations.includes('bubblewrap'))('killed at whatever moment of its start, a worker leaves nothing behind', async () => {
  const own = join(home, 'killed-early');
  mkdirSync(own);
  for (let ms = 0; ms < 36; ms++) {
    const worker = new WorkerProcess({ isolation: 'bubblewrap', entry: ENTRY, reads: [own], writes: [], limits: { cpuSeconds: 60, dataSegmentMb: 1024 } });
    await sleep(ms % 12);
    worker.kill();
    await worker.gone;
  }
  await until(() => withArgument(own) === 0);
});
