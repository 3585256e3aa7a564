/**
 * How many transactions the store takes, and how far the audit log is behind.
 *
 * A home of its own on this machine's disk, as the service opens it (SQLite, WAL, synchronous=FULL, all projections; the log
 * publishes at the side). Each transaction records one event and is acknowledged when it is durable. Writers at once share
 * commits. Lag: durable entries that no signed checkpoint covers yet, looked at every 5 ms; then the time until there are none.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ok } from '#contract/result.ts';
import { SYSTEM } from '#src/accounts/principal.ts';
import { ConfigSchema } from '#src/config.ts';
import { openHome, type Home } from '#src/home.ts';
import { BELOW } from './data.ts';
import { median, ms, quantile, report, timed, type Report, type ReportTable } from './measure.ts';
import type { Scale } from './scale.ts';

const WRITERS = [1, 8, 64];
const LOOK_MS = 5;

export function store(scale: Scale): Promise<Report> {
  return report(
    'How many transactions does the store take, and how far is the audit log behind?',
    `${scale.transactions} durable transactions of one event each, for each number of writers at once; times in ms of one transaction.`,
    () => measure(scale),
  );
}

async function measure(scale: Scale): Promise<readonly ReportTable[]> {
  const directory = join(BELOW, `store-${randomBytes(4).toString('hex')}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    const home = await openHome({ config: ConfigSchema.parse({ home: directory }), clock: () => new Date(), random: randomBytes, log: () => {} });
    if (!home.ok) throw new Error(home.error.code);
    const rows: (string | number)[][] = [];
    for (const writers of WRITERS) rows.push(await write(home.value, writers, scale.transactions));
    await home.value.close();
    return [{ title: 'transactions', columns: ['writers', 'transactions a second', 'p50 ms', 'p99 ms', 'largest lag', 'lag gone after ms'], rows }];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function write({ store: opened, log }: Home, writers: number, transactions: number): Promise<(string | number)[]> {
  const times: number[] = [];
  let left = transactions;
  let lag = 0;
  const look = setInterval(() => { lag = Math.max(lag, log.status().lag); }, LOOK_MS);
  const writer = async (): Promise<void> => {
    while (left-- > 0) {
      times.push(await timed(() => opened.transact(SYSTEM, (tx) => {
        tx.record({ kind: 'service.stopped' });
        return ok(null);
      })));
    }
  };
  const taken = await timed(() => Promise.all(Array.from({ length: writers }, writer)));
  clearInterval(look);
  const caughtUp = await timed(async () => { while (log.status().lag > 0) await sleep(1); });
  return [writers, Math.round(times.length / (taken / 1000)), ms(median(times)), ms(quantile(times, 0.99)), lag, ms(caughtUp)];
}
