/** The real worker process: what it answers, and that nothing else ever leaves it. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FrameDecoder, encodeFrame } from '#contract/frame.ts';
import type { Answer, WorkerSetup } from '#contract/job.ts';
import { Manifest } from '#contract/manifest.ts';
import { decideIsolation, type Isolation } from '#src/workers/cage.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';

const WORKER = fileURLToPath(new URL('../../sandbox/worker.ts', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'sluice-worker-'));
const keys = join(home, 'keys');
const store = join(home, 'snapshots');
mkdirSync(store);
const CANARY = 'CANARY-55018';

const SETUP: WorkerSetup = { kind: 'setup', keys: null, snapshots: [], verify: false, snapshotStore: null, memoryMb: 256, threads: 1 };

/** Speaks bytes to a worker; gives what came back on every channel until it ended. */
async function speak(bytes: Uint8Array[], { end = true } = {}): Promise<{ frames: unknown[]; output: string; signal: string | null }> {
  const child = spawn(process.execPath, ['--no-warnings', WORKER, 'process'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const socket = child.stdio[3] as Socket;
  const decoder = new FrameDecoder(1 << 26);
  const frames: unknown[] = [];
  let output = '';
  child.stdout!.on('data', (text) => { output += text; });
  child.stderr!.on('data', (text) => { output += text; });
  socket.on('error', () => {});
  socket.on('data', (piece) => {
    frames.push(...decoder.push(piece as Uint8Array));
    if (end && frames.length >= bytes.length) socket.end();
  });
  for (const piece of bytes) socket.write(piece);
  const signal = await new Promise<string | null>((resolve) => child.once('close', (_, by) => resolve(by)));
  return { frames, output, signal };
}

const frame = (value: unknown) => encodeFrame(value, 1 << 26);

describe('what comes in', () => {
  test.each<[string, Uint8Array[]]>([
    ['an oversized frame', [Buffer.from([0xff, 0xff, 0xff, 0xff])]],
    ['a frame that is not JSON', [Buffer.from([0, 0, 0, 2, 0x7b, 0x7b])]],
    ['a setup with an unknown member', [frame({ ...SETUP, extra: CANARY })]],
    ['a setup that names a snapshot that is not there', [frame({ ...SETUP, keys, snapshots: [{ dataset: 'x', snapshot: 'a'.repeat(64), directory: `/nonexistent/${CANARY}` }] })]],
  ])('%s ends the worker without a word', async (_, bytes) => {
    expect(await speak(bytes, { end: false })).toEqual({ frames: [], output: '', signal: 'SIGKILL' });
  });

  test('a job that is none is a failure, and the worker goes on', async () => {
    const { frames, output } = await speak([frame(SETUP), frame({ kind: 'parquet', secret: CANARY }), frame('x'), frame({ kind: 'ingest' })]);
    expect(frames).toEqual([expect.objectContaining({ kind: 'ready', engine: 'DuckDB v1.5.5' }), { kind: 'failed' }, { kind: 'failed' }, { kind: 'failed' }]);
    expect(output).toBe('');
  });

  test('an end of file ends the worker', async () => {
    expect(await speak([frame(SETUP)])).toMatchObject({ frames: [{ kind: 'ready' }], output: '', signal: 'SIGKILL' });
  });
});

const best = decideIsolation('auto');
const isolations: Isolation[] = best.ok && best.value === 'bubblewrap' ? ['process', 'bubblewrap'] : ['process'];
if (isolations.length === 1) console.log('bubblewrap does not work here: workers are tested as plain processes only');

describe.each(isolations)('in a %s', (isolation) => {
  let pool: WorkerPool;
  beforeAll(async () => {
    await initKeys(keys);
    pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation, keys, snapshotStore: store, spares: 0 });
  });
  afterAll(() => pool.close());

  const source = mkdtempSync(join(home, 'source-'));
  const manifest = Manifest.parse({ id: 'town', tables: { people: { file: 'p.csv', units: { person: 'id' }, columns: { id: { type: 'varchar', role: 'unit' }, n: { type: 'integer', role: 'plain' } } } } });
  const ingest = (csv: string): Promise<Answer> => {
    writeFileSync(join(source, 'p.csv'), csv);
    return pool.run({ kind: 'ingest', source }, { kind: 'ingest', manifest, source, trial: true }, { wallMs: 60_000 });
  };

  test('ingests, and opens what it ingested', async () => {
    const answer = await ingest('id,n\na,1\nb,2\n');
    if (answer.kind !== 'ingested') throw new Error(answer.kind);
    const { snapshot } = answer.ingested;
    const key = { kind: 'grant', grant: 'g', verify: true, snapshots: [{ dataset: manifest.id, snapshot, directory: join(store, snapshot) }] } as const;
    const table = { columns: [{ name: 'n', type: 'BIGINT' as const }], rows: [['1']], withheld: [] };
    const parquet = await pool.run(key, { kind: 'parquet', table }, { wallMs: 60_000 });
    expect(parquet.kind === 'parquet' && Buffer.from(parquet.bytes, 'base64').subarray(0, 4).toString()).toBe('PAR1');
  });

  test.runIf(process.platform === 'linux')('a spare that nobody asks makes itself small, and answers as before', async () => {
    const answer = await ingest('id,n\na,1\nb,2\n');
    if (answer.kind !== 'ingested') throw new Error(answer.kind);
    const { snapshot } = answer.ingested;
    const snapshots = [{ dataset: manifest.id, snapshot, directory: join(store, snapshot) }];
    await pool.prepare(snapshots, 1);
    const spare = () => pool.status().workers.find(({ role, state }) => role === 'grant' && state === 'spare')?.residentBytes ?? 0;
    const before = spare();
    expect(before).toBeGreaterThan(0);
    await expect.poll(spare, { timeout: 15_000, interval: 200 }).toBeLessThan(before - 4 * 2 ** 20);
    const table = { columns: [{ name: 'n', type: 'BIGINT' as const }], rows: [['1']], withheld: [] };
    expect((await pool.run({ kind: 'grant', grant: 'h', verify: false, snapshots }, { kind: 'parquet', table }, { wallMs: 60_000 })).kind).toBe('parquet');
  }, 30_000);

  test('says what is wrong with a file, without a value', async () => {
    const answer = await ingest(`id,n\na,1\nb,${CANARY}\n`);
    expect(answer).toMatchObject({ kind: 'ingest-refused', problems: [{ code: 'ingest/type', table: 'people', column: 'n', line: 3 }] });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
  });

  test('a worker without a store does not ingest', async () => {
    expect(await pool.run({ kind: 'check' }, { kind: 'ingest', manifest, source, trial: true }, { wallMs: 60_000 })).toEqual({ kind: 'failed' });
  });
});

test('keys: private files, created once, commitments that tell nothing', async () => {
  const { statSync, readFileSync } = await import('node:fs');
  const directory = join(home, 'other', 'keys');
  const first = await initKeys(directory);
  expect(Object.keys(first).sort()).toEqual(['domain', 'noise', 'pseudonym', 'record', 'sealing']);
  expect(await initKeys(directory)).toEqual(first);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const [name, commitment] of Object.entries(first)) {
    const file = join(directory, `${name}.key`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).length).toBe(32);
    expect(readFileSync(file).toString('hex')).not.toBe(commitment);
  }
});
