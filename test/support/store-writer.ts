/**
 * A process that writes to a store as fast as it can, eight callers at once, and says what was acknowledged: a line
 * `<seq> <label>` each, written only after the store has answered. To be killed.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '#contract/canonical.ts';
import { ok } from '#contract/result.ts';
import { Log } from '#src/audit/log.ts';
import { openLogKey } from '#src/audit/log-key.ts';
import { serviceProjection } from '#src/store/service.ts';
import { Store } from '#src/store/store.ts';

const [directory, label] = process.argv.slice(2) as [string, string];
const actor = { id: 'system', role: 'system', via: 'system' } as const;
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const store = Store.open({ directory, clock: () => new Date(), random, projections: [serviceProjection] });
if (!store.ok) throw new Error(store.error.code);
const signer = await openLogKey(join(directory, 'keys-log'), 'kill.example/audit', random);
if (!signer.ok) throw new Error(signer.error.code);
const log = await Log.open({ directory: join(directory, 'log'), entries: store.value, signer: signer.value, delay: 1 });
if (!log.ok) throw new Error(log.error.code);
writeSync(1, 'open\n');

async function caller(name: string): Promise<never> {
  for (let i = 0; ; i++) {
    const text = `${label}-${name}-${i}`;
    const result = await (store.ok && store.value.transact(actor, (tx) => {
      const commitment = tx.seal(text);
      return ok({ seq: tx.record({ kind: 'key.committed', key: 'noise', digest: digestOf(text) }).seq, commitment });
    }));
    if (result && result.ok) writeSync(1, `${result.value.seq} ${text} ${result.value.commitment}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, (_, i) => caller(String(i))));
