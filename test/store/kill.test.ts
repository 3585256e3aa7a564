/** Kill -9 at random moments, with an outside observer who remembers every acknowledged event. SLUICE_KILLS: how often (default 6). */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '#contract/canonical.ts';
import type { Commitment } from '#contract/commitment.ts';
import type { Event } from '#contract/event.ts';
import { Log } from '#src/audit/log.ts';
import { openLogKey } from '#src/audit/log-key.ts';
import { LogFiles } from '#src/audit/log-files.ts';
import { rebuild } from '#src/audit/rebuild.ts';
import { verifyLog } from '#src/audit/verify.ts';
import { serviceProjection } from '#src/store/service.ts';
import { Store } from '#src/store/store.ts';
import { countingRandom, tickingClock } from '../support/store.ts';

const KILLS = Number(process.env['SLUICE_KILLS'] ?? 6);
const WRITER = join(import.meta.dirname, '../support/store-writer.ts');

interface Acknowledged { readonly seq: number; readonly text: string; readonly commitment: Commitment }

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** @returns what the writer acknowledged before it was killed, `after` milliseconds from its first answer. */
function writeAndKill(label: string, after: number): Promise<Acknowledged[]> {
  return new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, [WRITER, directory, label], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    writer.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    writer.stdout.once('data', () => setTimeout(() => writer.kill('SIGKILL'), after));
    writer.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    writer.once('close', (_, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the writer ended by itself: ${errors}`));
      // The last line may have been cut by the kill: nobody was told.
      const lines = out.split('\n').slice(1, -1);
      return resolve(lines.map((line) => {
        const [seq, text, commitment] = line.split(' ') as [string, string, Commitment];
        return { seq: Number(seq), text, commitment };
      }));
    });
  });
}

it(`loses nothing acknowledged over ${KILLS} kills, and the log verifies after each`, { timeout: 30_000 + KILLS * 10_000 }, async () => {
  const seen: Acknowledged[] = [];
  const moments = countingRandom('moments');
  let kept: Uint8Array | null = null;
  for (let round = 0; round < KILLS; round++) {
    const [moment] = moments(1) as unknown as [number];
    seen.push(...await writeAndKill(String(round), 20 + moment));
    // What an auditor would see who copies the directory right now: a checkpoint whose tiles are all there.
    const files = new LogFiles(join(directory, 'log'));
    const vkey = Buffer.from((await new LogFiles(join(directory, 'keys-log')).read('log.vkey'))!).toString().trim();
    expect(await verifyLog({ source: files, vkey, ...(kept === null ? {} : { since: kept }) })).toMatchObject({ outcome: 'verified' });
    kept = await files.read('checkpoint');
  }
  expect(seen.length).toBeGreaterThan(KILLS);

  const opened = Store.open({ directory, clock: tickingClock(), random: countingRandom(), projections: [serviceProjection] });
  if (!opened.ok) throw new Error(opened.error.code);
  const store = opened.value;
  for (const { seq, text, commitment } of seen) {
    const [entry] = store.entries(seq, seq + 1);
    const event = JSON.parse(Buffer.from(entry!).toString()) as Event;
    expect(event).toMatchObject({ seq, body: { digest: digestOf(text) } });
    expect(store.unseal(commitment)).toBe(text);
  }
  const signer = await openLogKey(join(directory, 'keys-log'), 'kill.example/audit', countingRandom());
  if (!signer.ok) throw new Error(signer.error.code);
  const log = await Log.open({ directory: join(directory, 'log'), entries: store, signer: signer.value });
  expect(log.ok && log.value.published.size).toBe(store.size);
  expect(await verifyLog({ source: new LogFiles(join(directory, 'log')), vkey: signer.value.key.vkey, since: kept! })).toMatchObject({ outcome: 'verified' });
  await store.close();
  expect(rebuild(join(directory, 'sluice.db'), [serviceProjection])).toMatchObject({ identical: true });
});
