import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VerificationReport } from '#contract/audit.ts';
import { signCheckpoint } from '#src/audit/checkpoint.ts';
import { exportLog } from '#src/audit/export.ts';
import { LogFiles } from '#src/audit/log-files.ts';
import { decodeBundle, encodeBundle, tilePath, tilesOf } from '#src/audit/tiles.ts';
import { verifyLog, type VerifyOptions } from '#src/audit/verify.ts';
import fc from '../support/fast-check.ts';
import { MTH } from '../support/naive-tree.ts';
import { openTestLog, ORIGIN, record, type TestLog } from '../support/log.ts';

const SIZE = 300;
let test: TestLog;
let exported: string;
let earlier: Uint8Array;
const copies: string[] = [];

beforeAll(async () => {
  test = await openTestLog(100);
  earlier = (await test.log.read('checkpoint'))!;
  await record(test.store, SIZE - 100);
  await test.log.publish();
  exported = mkdtempSync(join(tmpdir(), 'sluice-export-'));
  expect(await exportLog(test.log, exported)).toMatchObject({ ok: true, value: { size: SIZE } });
});
afterAll(async () => {
  await test.dispose();
  for (const directory of [exported, ...copies]) rmSync(directory, { recursive: true, force: true });
});

async function verify(directory: string, options: Partial<VerifyOptions> = {}): Promise<VerificationReport> {
  const report = await verifyLog({ source: new LogFiles(directory), ...options });
  return VerificationReport.parse(report);
}

/** A copy of the export, to be tampered with. */
function copy(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-tamper-'));
  cpSync(exported, directory, { recursive: true });
  copies.push(directory);
  return directory;
}
const failed = (report: VerificationReport) => report.checks.filter((check) => check.failure !== null).map((check) => check.name);

describe('an intact export', () => {
  it('verifies without server, database or private key, and says what was checked', async () => {
    const report = await verify(exported, { vkey: test.signer.key.vkey, since: earlier });
    expect(report).toMatchObject({ outcome: 'verified', failure: null, log: { origin: ORIGIN, size: SIZE, keyFrom: 'auditor' } });
    const checked = Object.fromEntries(report.checks.map(({ name, checked: n }) => [name, n]));
    expect(checked).toMatchObject({ checkpoint: 1, bundles: 2, entries: SIZE, tiles: 3, root: 1, since: 1, sequence: SIZE, time: SIZE });
  });
  it('says when the key came with the log itself', async () => {
    expect(await verify(exported)).toMatchObject({ outcome: 'verified', log: { keyFrom: 'log' } });
  });
});

describe('tampering is found', () => {
  const files = ['checkpoint', ...[...tilesOf(SIZE)].map(tilePath)];

  it('a flipped bit anywhere in any file', async () => {
    const directory = copy();
    await fc.assert(fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(7), async (file, at, bit) => {
      const path = join(directory, file);
      const good = readFileSync(path);
      const bad = Buffer.from(good);
      bad[at % bad.length] = bad[at % bad.length]! ^ (1 << bit);
      writeFileSync(path, bad);
      const report = await verify(directory, { vkey: test.signer.key.vkey });
      writeFileSync(path, good);
      // Damage to the name in the signature line makes it an unknown signature: unreadable, which is not verified either.
      expect(report.outcome).not.toBe('verified');
      if (file !== 'checkpoint') expect(report.outcome).toBe('violated');
    }), { numRuns: 60 });
  });

  it.each(files.slice(1))('%s missing', async (file) => {
    const directory = copy();
    rmSync(join(directory, file));
    expect(await verify(directory)).toMatchObject({ outcome: 'violated', failure: { message: { en: expect.stringContaining(file) } } });
  });

  const change = (directory: string, file: string, make: (entries: Uint8Array[]) => Uint8Array[]) => {
    const path = join(directory, file);
    writeFileSync(path, encodeBundle(make(decodeBundle(readFileSync(path))!)));
  };

  it('an entry altered so that it is still an event, at its number', async () => {
    const directory = copy();
    change(directory, 'tile/entries/001.p/44', (all) => all.map((entry, i) => (i === 7 ? Buffer.from(Buffer.from(entry).toString().replace('"noise"', '"voice"')) : entry)));
    const report = await verify(directory);
    expect(report).toMatchObject({ outcome: 'violated', failure: { seq: 263 } });
    expect(failed(report)).toEqual(['tiles', 'root']);
  });

  it('two entries swapped', async () => {
    const directory = copy();
    change(directory, 'tile/entries/000', (all) => [all[1]!, all[0]!, ...all.slice(2)]);
    const report = await verify(directory);
    expect(report.failure?.seq).toBe(0);
    expect(failed(report)).toEqual(['tiles', 'root', 'sequence']);
  });

  it('the last entry dropped', async () => {
    const directory = copy();
    change(directory, 'tile/entries/001.p/44', (all) => all.slice(0, -1));
    expect(await verify(directory)).toMatchObject({ outcome: 'violated', failure: { seq: 256 } });
  });

  it('a rollback: an older state, genuinely signed, against the checkpoint an auditor kept', async () => {
    const directory = copy();
    const newer = readFileSync(join(directory, 'checkpoint'));
    writeFileSync(join(directory, 'checkpoint'), earlier);
    const source = test.log;
    for (const tile of tilesOf(100)) await new LogFiles(directory).put(tilePath(tile), (await source.read(tilePath(tile)))!);
    expect(await verify(directory)).toMatchObject({ outcome: 'verified', log: { size: 100 } });
    const report = await verify(directory, { since: newer });
    expect(failed(report)).toEqual(['since']);
  });

  it('a second history, signed by the log itself, against the checkpoint an auditor kept', async () => {
    const directory = copy();
    const all = decodeBundle((await test.log.read('tile/entries/000'))!)!.slice(0, 200);
    const other = all.map((entry, i) => (i === 5 ? Buffer.from(Buffer.from(entry).toString().replace('"noise"', '"voice"')) : entry));
    const root = MTH(other);
    writeFileSync(join(directory, 'checkpoint'), signCheckpoint({ origin: ORIGIN, size: 200, root, extensions: [] }, test.signer));
    rmSync(join(directory, 'tile'), { recursive: true });
    const files_ = new LogFiles(directory);
    await files_.put('tile/entries/000.p/200', encodeBundle(other));
    await files_.put('tile/0/000.p/200', Buffer.concat(other.map((entry) => MTH([entry]))));
    expect(await verify(directory)).toMatchObject({ outcome: 'verified' });
    expect(failed(await verify(directory, { since: earlier }))).toEqual(['since']);
  });

  it('an entry that is no event, or not in canonical form', async () => {
    for (const bad of ['{}', 'not json', ' {}', `{"v":1 ,"seq":0}`]) {
      const directory = copy();
      change(directory, 'tile/entries/000', (all) => [Buffer.from(bad), ...all.slice(1)]);
      const report = await verify(directory);
      expect(failed(report)).toContain('entries');
      expect(report.failure?.seq).toBe(0);
    }
  });
});

describe('what cannot be read', () => {
  it.each([
    ['no such directory', () => join(tmpdir(), 'sluice-nowhere'), {}],
    ['another log’s key', () => exported, { vkey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k' }],
    ['not a key', () => exported, { vkey: 'nonsense' }],
    ['an earlier checkpoint of another log', () => exported, { since: Buffer.from('x\n') }],
  ] as const)('%s', async (_, directory, options) => {
    expect(await verify(directory(), options)).toMatchObject({ outcome: 'unreadable', log: null });
  });
});
