import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from '#src/audit/checkpoint.ts';
import { type Entries, Log } from '#src/audit/log.ts';
import { openLogKey } from '#src/audit/log-key.ts';
import { verifyReceipt } from '#src/audit/proof.ts';
import { decodeBundle } from '#src/audit/tiles.ts';
import { hashLeaf, verifyConsistency } from '#src/audit/tree.ts';
import { MTH } from '../support/naive-tree.ts';
import { ORIGIN, openTestLog, record, type TestLog } from '../support/log.ts';
import { countingRandom } from '../support/store.ts';

let opened: TestLog | null = null;
afterEach(async () => {
  await opened?.dispose();
  opened = null;
});
const open = async (entries: number) => (opened = await openTestLog(entries));

/** The entries of a store, frozen, so that a log can be opened on another past. */
const frozen = (all: readonly Uint8Array[]): Entries => ({ size: all.length, entries: (from, to) => all.slice(from, to), onCommit: () => () => {} });
const entriesOf = ({ store }: TestLog) => store.entries(0, store.size);

describe('publishing', () => {
  it('signs the empty log at once', async () => {
    const { log, signer } = await open(0);
    expect(openCheckpoint((await log.read('checkpoint'))!, signer.key)).toMatchObject({ ok: true, value: { origin: ORIGIN, size: 0, root: MTH([]) } });
  });

  it('follows commits by itself, over the edge of a full tile', async () => {
    const test = await open(250);
    await record(test.store, 10);
    await vi.waitFor(() => expect(test.log.status()).toEqual({ published: 260, lag: 0, failing: false }), { timeout: 10_000, interval: 5 });
    const all = entriesOf(test);
    expect(openCheckpoint((await test.log.read('checkpoint'))!, test.signer.key)).toMatchObject({ value: { size: 260, root: MTH(all) } });
    const paths = ['tile/0/000', 'tile/0/001.p/4', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/4'];
    for (const path of paths) expect(await test.log.read(path), path).not.toBeNull();
    // Cleared away once the checkpoint that no longer needs them is out.
    await vi.waitFor(() => expect(existsSync(join(test.logDirectory, 'tile/0/000.p')), 'partial tiles of a full one').toBe(false), { timeout: 10_000, interval: 5 });
    expect((await test.log.read('tile/0/000.p/250'))?.length, 'an earlier partial tile, cut from the full one').toBe(250 * 32);
    expect(decodeBundle((await test.log.read('tile/entries/000.p/250'))!)).toEqual(all.slice(0, 250).map((entry) => Buffer.from(entry)));
  });

  it('reads nothing but the paths of a log', async () => {
    const { log } = await open(3);
    for (const path of ['', '.', '../sluice.db', 'tile', 'tile/0/001', 'tile/0/000.p/2', 'tile/entries/../../../keys-log/log.key', 'checkpoint/', 'log.key']) {
      expect(await log.read(path), path).toBeNull();
    }
    expect(Buffer.from((await log.read('log.vkey'))!).toString()).toMatch(/^test\.example\/audit\+[0-9a-f]{8}\+/);
  });

  it('gives receipts and consistency proofs that verify', async () => {
    const test = await open(300);
    const all = entriesOf(test);
    for (const seq of [0, 255, 256, 299]) {
      expect(verifyReceipt((await test.log.receipt(seq))!, hashLeaf(all[seq]!), test.signer.key)).toMatchObject({ ok: true });
      expect(verifyReceipt((await test.log.receipt(seq))!, hashLeaf(all[seq === 0 ? 1 : 0]!), test.signer.key)).toMatchObject({ ok: false });
    }
    expect([await test.log.receipt(300), await test.log.receipt(-1), await test.log.receipt(0.5)]).toEqual([null, null, null]);
    for (const first of [1, 256, 257, 300]) {
      expect(verifyConsistency(first, 300, MTH(all.slice(0, first)), MTH(all), (await test.log.consistency(first, 300))!)).toBe(true);
    }
    expect([await test.log.consistency(0, 300), await test.log.consistency(5, 301)]).toEqual([null, null]);
  });

  it('reports a failure, keeps what it has, and catches up', async () => {
    const test = await open(1);
    const failures: unknown[] = [];
    await test.log.close();
    const log = await Log.open({ directory: test.logDirectory, entries: test.store, signer: test.signer, delay: 1, onFailure: (error) => failures.push(error) });
    if (!log.ok) throw new Error(log.error.code);
    // A directory where the checkpoint is to be written beside its place: every attempt fails with EISDIR.
    const obstacle = join(test.logDirectory, 'checkpoint.new');
    mkdirSync(obstacle);
    await record(test.store, 300);
    await vi.waitFor(() => expect(failures).toHaveLength(1), { timeout: 10_000, interval: 5 });
    expect(log.value.status()).toEqual({ published: 1, lag: 300, failing: true });
    expect(openCheckpoint((await log.value.read('checkpoint'))!, test.signer.key)).toMatchObject({ value: { size: 1 } });
    rmSync(obstacle, { recursive: true });
    await log.value.close();
    expect(openCheckpoint((await log.value.read('checkpoint'))!, test.signer.key)).toMatchObject({ value: { size: 301, root: MTH(entriesOf(test)) } });
  });
});

describe('opening again', () => {
  const reopen = (test: TestLog, entries: Entries = test.store) => Log.open({ directory: test.logDirectory, entries, signer: test.signer });

  it('catches up with entries that were committed and not published', async () => {
    const test = await open(10);
    await test.log.close();
    await record(test.store, 600);
    const again = await reopen(test);
    expect(again).toMatchObject({ ok: true });
    if (again.ok) expect(again.value.published).toMatchObject({ size: 610, root: MTH(entriesOf(test)) });
  });

  it('writes lost and damaged tiles again', async () => {
    const test = await open(300);
    await test.log.close();
    const before = readFileSync(join(test.logDirectory, 'tile/0/000'));
    rmSync(join(test.logDirectory, 'tile/entries'), { recursive: true });
    writeFileSync(join(test.logDirectory, 'tile/0/000'), 'torn');
    expect((await reopen(test)).ok).toBe(true);
    expect(readFileSync(join(test.logDirectory, 'tile/0/000'))).toEqual(before);
    expect(existsSync(join(test.logDirectory, 'tile/entries/001.p/44'))).toBe(true);
  });

  it('refuses a store with fewer entries than were signed', async () => {
    const test = await open(10);
    await test.log.close();
    expect(await reopen(test, frozen(entriesOf(test).slice(0, 9)))).toEqual({ ok: false, error: { code: 'log/rolled-back', signed: 10, stored: 9 } });
  });

  it('refuses a store whose entries are not those signed, and touches nothing', async () => {
    const test = await open(10);
    await test.log.close();
    const files = () => ['checkpoint', 'tile/0/000.p/10', 'tile/entries/000.p/10'].map((path) => readFileSync(join(test.logDirectory, path), 'hex'));
    const before = files();
    const all = entriesOf(test);
    const swapped = all.map((entry, i) => (i === 3 ? all[4]! : i === 4 ? all[3]! : entry));
    const altered = all.map((entry, i) => (i === 9 ? Buffer.from(Buffer.from(entry).toString().replace('noise', 'other')) : entry));
    for (const past of [swapped, altered, [...altered, all[0]!]]) {
      expect(await reopen(test, frozen(past))).toEqual({ ok: false, error: { code: 'log/contradicts-checkpoint', signed: 10 } });
    }
    const holed: Entries = { ...frozen(all), entries: (from, to) => all.slice(from, to).filter((entry) => entry !== all[4]) };
    expect(await reopen(test, holed)).toEqual({ ok: false, error: { code: 'log/contradicts-checkpoint', signed: 10 } });
    expect(files()).toEqual(before);
  });

  it('refuses a checkpoint that is damaged, gone, or of another key', async () => {
    const test = await open(10);
    await test.log.close();
    const checkpoint = join(test.logDirectory, 'checkpoint');
    const good = readFileSync(checkpoint, 'utf8');
    writeFileSync(checkpoint, good.replace('\n10\n', '\n9\n'));
    expect(await reopen(test)).toEqual({ ok: false, error: { code: 'log/checkpoint-unreadable' } });
    rmSync(checkpoint);
    expect(await reopen(test)).toEqual({ ok: false, error: { code: 'log/checkpoint-missing' } });
    writeFileSync(checkpoint, good);
    expect((await reopen(test)).ok).toBe(true);
    const other = await openLogKey(join(test.directory, 'other'), ORIGIN, countingRandom('another'));
    if (other.ok) expect(await Log.open({ directory: test.logDirectory, entries: test.store, signer: other.value })).toEqual({ ok: false, error: { code: 'log/checkpoint-unreadable' } });
  });
});

describe('the signing key', () => {
  it('is kept private, beside its public half, and stays the same', async () => {
    const { directory, signer } = await open(0);
    expect(statSync(join(directory, 'keys-log/log.key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, 'keys-log/log.vkey'), 'utf8').trim()).toBe(signer.key.vkey);
    expect(await openLogKey(join(directory, 'keys-log'), ORIGIN, countingRandom('not used'))).toMatchObject({ ok: true, value: { key: { vkey: signer.key.vkey } } });
  });
  it('is refused under another name, or when it is not a key', async () => {
    const { directory } = await open(0);
    const keys = join(directory, 'keys-log');
    expect(await openLogKey(keys, 'renamed.example/audit', countingRandom())).toMatchObject({ ok: false, error: { code: 'log/key-of-other-origin', origin: ORIGIN } });
    cpSync(join(keys, 'log.vkey'), join(keys, 'log.key'));
    expect(await openLogKey(keys, ORIGIN, countingRandom())).toMatchObject({ ok: false, error: { code: 'log/key-unreadable' } });
  });
});
