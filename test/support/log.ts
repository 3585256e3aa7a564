/** A store with some events, and its published log. */
import { join } from 'node:path';
import { digestOf } from '#contract/canonical.ts';
import type { EventBody } from '#contract/event.ts';
import { ok } from '#contract/result.ts';
import { Log } from '#src/audit/log.ts';
import { openLogKey } from '#src/audit/log-key.ts';
import type { Signer } from '#src/audit/note.ts';
import type { Store } from '#src/store/store.ts';
import { countingRandom, openTestStore, SYSTEM, type TestStore } from './store.ts';

export const ORIGIN = 'test.example/audit';

export const keyEvent = (name: string): EventBody => ({ kind: 'key.committed', key: 'noise', digest: digestOf(name) });

export async function record(store: Store, count: number, label = 'n'): Promise<void> {
  await store.transact(SYSTEM, (tx) => {
    for (let i = 0; i < count; i++) tx.record(keyEvent(`${label} ${store.size}`));
    return ok(null);
  });
}

export interface TestLog extends TestStore {
  readonly log: Log;
  readonly signer: Signer;
  /** Where `checkpoint` and `tile/` are. */
  readonly logDirectory: string;
}

export async function openTestLog(entries: number): Promise<TestLog> {
  const opened = openTestStore();
  if (entries > 0) await record(opened.store, entries);
  const signer = await openLogKey(join(opened.directory, 'keys-log'), ORIGIN, countingRandom('log key'));
  if (!signer.ok) throw new Error(signer.error.code);
  const logDirectory = join(opened.directory, 'log');
  const log = await Log.open({ directory: logDirectory, entries: opened.store, signer: signer.value, delay: 5 });
  if (!log.ok) throw new Error(log.error.code);
  return {
    ...opened,
    log: log.value,
    signer: signer.value,
    logDirectory,
    dispose: async () => {
      await log.value.close();
      await opened.dispose();
    },
  };
}
