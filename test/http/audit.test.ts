import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Log } from '#src/audit/log.ts';
import { openLogKey } from '#src/audit/log-key.ts';
import { parseVerifierKey } from '#src/audit/note.ts';
import { openCheckpoint } from '#src/audit/checkpoint.ts';
import { decodeBundle } from '#src/audit/tiles.ts';
import { expectProblem, testApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let log: Log;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
  app = await testApp({ audit: { read: (path) => log.read(path), receipt: (seq) => log.receipt(seq) } });
  const signer = await openLogKey(directory, 'sluice.test/audit', randomBytes);
  if (!signer.ok) throw new Error(signer.error.code);
  const opened = await Log.open({ directory: join(directory, 'log'), entries: app.store, signer: signer.value });
  if (!opened.ok) throw new Error(opened.error.code);
  log = opened.value;
});
afterAll(async () => {
  await log.close();
  await app.dispose();
  rmSync(directory, { recursive: true, force: true });
});

const get = (path: string) => app.call('GET', `/audit/${path}`, { token: app.people.auditor.token });

test('the log is served at the paths of tlog-tiles and verifies with its key', async () => {
  const key = parseVerifierKey((await get('log.vkey')).text.trim())!;
  const checkpoint = await get('checkpoint');
  expect(checkpoint.headers.get('cache-control')).toBe('no-store');
  const opened = openCheckpoint(Buffer.from(checkpoint.text), key);
  if (!opened.ok) throw new Error(opened.error.code);
  expect(opened.value.size).toBe(app.store.size);
  const bundle = await app.app.request(`/audit/tile/entries/000.p/${opened.value.size}`, { headers: { authorization: `Bearer ${app.people.agency.token}` } });
  expect(bundle.headers.get('cache-control')).toContain('immutable');
  expect(decodeBundle(new Uint8Array(await bundle.arrayBuffer()))).toHaveLength(app.store.size);
  expect((await get('receipt/0')).text).toContain('c2sp.org/tlog-proof');
});

test('nothing else is served', async () => {
  for (const path of ['tile/0/999', 'tile/..%2f..%2fsluice.db', 'tile/entries/../../log.key', 'log.key', 'receipt/999999', 'receipt/-1', 'receipt/x', '']) {
    await expectProblem(app, 'request/not-found', () => get(path));
  }
});
