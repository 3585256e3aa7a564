import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { digestOf } from '#contract/canonical.ts';
import type { Commitment } from '#contract/commitment.ts';
import { ok } from '#contract/result.ts';
import { rebuild } from '#src/audit/rebuild.ts';
import { serviceProjection } from '#src/store/service.ts';
import { openTestStore, SYSTEM, type TestStore } from '../support/store.ts';

let opened: TestStore;
afterEach(() => opened.dispose());

async function prepare(): Promise<string> {
  opened = openTestStore();
  await opened.store.transact(SYSTEM, (tx) => {
    for (const name of ['a', 'b', 'c']) tx.record({ kind: 'key.committed', key: name, digest: digestOf(name) });
    tx.record({ kind: 'text.shredded', commitment: digestOf('x') as string as Commitment });
    return ok(null);
  });
  return join(opened.directory, 'sluice.db');
}

/** What somebody with the file in hand could do, whom no trigger stops. */
function tamper(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

it('finds tables and log in agreement while the store is open', async () => {
  expect(rebuild(await prepare(), [serviceProjection])).toEqual({
    entries: 4,
    tables: [{ table: 'committed_keys', rows: 3, missing: 0, surplus: 0 }, { table: 'shredded_texts', rows: 1, missing: 0, surplus: 0 }],
    identical: true,
  });
});

it.each([
  ["UPDATE committed_keys SET digest = 'other' WHERE key = 'b'", 'committed_keys', { missing: 1, surplus: 1 }],
  ["DELETE FROM committed_keys WHERE key = 'c'", 'committed_keys', { missing: 1, surplus: 0 }],
  ["INSERT INTO shredded_texts VALUES ('more', 9)", 'shredded_texts', { missing: 0, surplus: 1 }],
])('reports: %s', async (sql, table, difference) => {
  const file = await prepare();
  tamper(file, sql);
  const report = rebuild(file, [serviceProjection]);
  expect(report.identical).toBe(false);
  expect(report.tables.find((one) => one.table === table)).toMatchObject(difference);
});
