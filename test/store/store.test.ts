import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { canonical, digestOf } from '#contract/canonical.ts';
import type { Commitment } from '#contract/commitment.ts';
import type { EventBody } from '#contract/event.ts';
import { err, ok } from '#contract/result.ts';
import { committedKey, serviceProjection } from '#src/store/service.ts';
import { Store } from '#src/store/store.ts';
import fc from '../support/fast-check.ts';
import { countingRandom, openTestStore, SYSTEM, type TestStore, tickingClock } from '../support/store.ts';

let opened: TestStore | null = null;
afterEach(async () => {
  await opened?.dispose();
  opened = null;
});
const open = () => (opened = openTestStore()).store;

const key = (name: string): EventBody => ({ kind: 'key.committed', key: name, digest: digestOf(name) });
const kinds = (store: Store) => store.entries(0, store.size).map((entry) => (JSON.parse(Buffer.from(entry).toString()) as { body: EventBody }).body.kind);

describe('transact', () => {
  it('writes the event in canonical form together with its state', async () => {
    const store = open();
    const result = await store.transact(SYSTEM, (tx) => ok(tx.record(key('noise'))));
    expect(result).toMatchObject({ ok: true, value: { v: 1, seq: 0, time: '2026-01-01T00:00:01.000Z', actor: SYSTEM } });
    expect(Buffer.from(store.entries(0, 1)[0]!).toString()).toBe(canonical(result.ok && result.value));
    expect(committedKey(store.read, 'noise')).toBe(digestOf('noise'));
  });

  it('rolls back one transaction of a group on Err and on a throw, and only that one', async () => {
    const store = open();
    const all = await Promise.allSettled([
      store.transact(SYSTEM, (tx) => ok(tx.record(key('a')).seq)),
      store.transact(SYSTEM, (tx) => {
        tx.record(key('b'));
        return err('no' as const);
      }),
      store.transact(SYSTEM, (tx) => {
        tx.record(key('c'));
        throw new Error('bug');
      }),
      store.transact(SYSTEM, (tx) => ok(tx.record(key('d')).seq)),
    ]);
    expect(all).toMatchObject([{ value: ok(0) }, { value: err('no') }, { status: 'rejected' }, { value: ok(1) }]);
    expect(store.size).toBe(2);
    expect([committedKey(store.read, 'b'), committedKey(store.read, 'c')]).toEqual([null, null]);
  });

  it('keeps exactly what succeeded, in order, whatever the mix and however it arrives', async () => {
    const store = open();
    const step = fc.record({ outcome: fc.constantFrom('ok', 'err', 'throw'), events: fc.nat(3), later: fc.boolean() });
    let label = 0;
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const before = store.size;
      const expected: string[] = [];
      await Promise.allSettled(steps.map(async ({ outcome, events, later }) => {
        if (later) await new Promise((resolve) => setImmediate(resolve));
        const names = Array.from({ length: events }, () => `k${label++}`);
        const result = await store.transact(SYSTEM, (tx) => {
          for (const name of names) tx.record(key(name));
          if (outcome === 'throw') throw new Error('bug');
          return outcome === 'ok' ? ok(tx.db.get<{ n: number }>('SELECT count(*) AS n FROM events')!.n) : err(null);
        });
        if (result.ok) {
          expected.push(...names);
          expect(result.value).toBeLessThanOrEqual(store.size);
        }
      }));
      const stored = store.entries(before, store.size).map((entry) => (JSON.parse(Buffer.from(entry).toString()) as { seq: number; body: { key: string } }));
      expect(stored.map(({ body }) => body.key)).toEqual(expected);
      expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, i) => before + i));
    }), { numRuns: 50 });
  });

  it('refuses a body that the schema refuses, and an entry that no bundle can hold', async () => {
    const store = open();
    await expect(store.transact(SYSTEM, (tx) => ok(tx.record({ ...key('a'), more: 1 } as unknown as EventBody)))).rejects.toThrow();
    const long: EventBody = { kind: 'service.started', version: 'x'.repeat(70_000), engine: '', isolation: 'process', configuration: digestOf(1) };
    await expect(store.transact(SYSTEM, (tx) => ok(tx.record(long)))).rejects.toThrow(/65535/);
    expect(store.size).toBe(0);
  });

  it('never lets time run backwards', async () => {
    const times = [5000, 1000, 7000].map((ms) => new Date(ms));
    opened = openTestStore([serviceProjection], () => times.shift()!);
    const { store } = opened;
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) await store.transact(SYSTEM, (tx) => ok(seen.push(tx.record(key(name)).time)));
    expect(seen.map((time) => Date.parse(time))).toEqual([5000, 5000, 7000]);
  });

  it('lets projected tables change through events only, and the log not at all', async () => {
    const store = open();
    await store.transact(SYSTEM, (tx) => ok(tx.record(key('a'))));
    for (const sql of ["INSERT INTO committed_keys VALUES ('x', 'y', 0)", 'UPDATE committed_keys SET seq = 9', 'DELETE FROM committed_keys', 'DELETE FROM events', "UPDATE events SET kind = 'x'"]) {
      await expect(store.transact(SYSTEM, (tx) => ok(tx.db.run(sql))), sql).rejects.toThrow(/through events only|append-only/);
    }
    expect(kinds(store)).toEqual(['key.committed']);
  });

  it('tells listeners the size after a commit, and nothing about one without events', async () => {
    const store = open();
    const sizes: number[] = [];
    store.onCommit((size) => sizes.push(size));
    await Promise.all(['a', 'b'].map((name) => store.transact(SYSTEM, (tx) => ok(tx.record(key(name))))));
    await store.transact(SYSTEM, () => ok(null));
    expect(sizes).toEqual([2]);
  });
});

describe('a failed commit', () => {
  it('closes the store: nobody in the group is told yes, and nobody after', async () => {
    const store = open();
    // A deferred foreign key makes the COMMIT itself fail.
    await store.transact(SYSTEM, (tx) => {
      tx.db.run('CREATE TABLE child (parent TEXT REFERENCES sealed_texts (commitment) DEFERRABLE INITIALLY DEFERRED) STRICT');
      return ok(null);
    });
    const both = await Promise.allSettled([
      store.transact(SYSTEM, (tx) => ok(tx.record(key('a')))),
      store.transact(SYSTEM, (tx) => ok(tx.db.run("INSERT INTO child VALUES ('nobody')"))),
    ]);
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    await expect(store.transact(SYSTEM, () => ok(null))).rejects.toThrow(/nothing more is accepted/);
    expect(store.size).toBe(0);
    expect(store.entries(0, 10)).toEqual([]);
  });
});

describe('trouble on the disk', () => {
  it('fails the group that finds it full, and goes on when there is room again', async () => {
    const store = open();
    await store.transact(SYSTEM, (tx) => ok(tx.record(key('a'))));
    const pages = (limit: number) => store.transact(SYSTEM, (tx) => ok(tx.db.get(`PRAGMA max_page_count = ${limit}`)));
    await pages(store.read.get<{ page_count: number }>('PRAGMA page_count')!.page_count);
    const both = await Promise.allSettled([
      store.transact(SYSTEM, (tx) => ok(tx.record(key('b')).seq)),
      store.transact(SYSTEM, (tx) => {
        tx.record(key('c'));
        return ok(tx.putBlob(new Uint8Array(1_000_000)));
      }),
    ]);
    expect(both).toMatchObject([{ status: 'rejected', reason: { name: 'StoreFull' } }, { status: 'rejected', reason: { name: 'StoreFull' } }]);
    expect([committedKey(store.read, 'b'), committedKey(store.read, 'c'), kinds(store).length]).toEqual([null, null, 1]);
    await pages(1_000_000);
    expect(await store.transact(SYSTEM, (tx) => ok(tx.record(key('d')).seq))).toEqual(ok(1));
  });

  it('closes the store on an I/O error', async () => {
    const store = open();
    const broken = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 778 });
    const both = await Promise.allSettled([
      store.transact(SYSTEM, (tx) => ok(tx.record(key('a')))),
      store.transact(SYSTEM, (): never => {
        throw broken;
      }),
    ]);
    expect(both).toMatchObject([{ status: 'rejected', reason: { name: 'StoreClosed' } }, { status: 'rejected', reason: { name: 'StoreClosed' } }]);
    expect([store.size, committedKey(store.read, 'a')]).toEqual([0, null]);
  });
});

describe('open', () => {
  const reopen = (directory: string, projections = [serviceProjection] as Parameters<typeof Store.open>[0]['projections']) =>
    Store.open({ directory, clock: tickingClock(), random: countingRandom('again'), projections });

  it('lets one server in', async () => {
    const store = open();
    expect(reopen(opened!.directory)).toEqual(err({ code: 'store/locked', directory: opened!.directory }));
    await store.close();
    const again = reopen(opened!.directory);
    expect(again.ok).toBe(true);
    if (again.ok) await again.value.close();
    opened = null;
  });

  it('goes on where it stopped, and rebuilds projected tables whose form changed', async () => {
    const first = openTestStore();
    await first.store.transact(SYSTEM, (tx) => ok(tx.record(key('a'))));
    await first.store.close();
    const changed = { ...serviceProjection, tables: serviceProjection.tables.replace('seq INTEGER NOT NULL, PRIMARY', "seq INTEGER NOT NULL, note TEXT NOT NULL DEFAULT 'new', PRIMARY") };
    const second = reopen(first.directory, [changed]);
    if (!second.ok) throw new Error(second.error.code);
    expect(second.value.read.all('SELECT key, note FROM committed_keys')).toEqual([{ key: 'a', note: 'new' }]);
    const next = await second.value.transact(SYSTEM, (tx) => ok(tx.record(key('b')).seq));
    expect(next).toEqual(ok(1));
    await second.value.close();
  });

  it('refuses two projections for one kind', () => {
    expect(() => openTestStore([serviceProjection, { ...serviceProjection, tables: '' }])).toThrow(/two projections/);
  });
});

describe('sealed texts', () => {
  const sealOne = async (store: Store, secret: string) => {
    const sealed = await store.transact(SYSTEM, (tx) => ok(tx.seal(secret)));
    if (!sealed.ok) throw new Error('not sealed');
    return sealed.value;
  };

  it('opens what it sealed, and commits differently each time', async () => {
    const store = open();
    const [one, two] = [await sealOne(store, '王小明 select 1'), await sealOne(store, '王小明 select 1')];
    expect(one).not.toBe(two);
    expect(store.unseal(one)).toBe('王小明 select 1');
    expect(store.unseal('0'.repeat(64) as Commitment)).toBeNull();
  });

  it('forgets a shredded text and says so in the log', async () => {
    const store = open();
    const commitment = await sealOne(store, 'forget me');
    expect(await store.shred(SYSTEM, commitment)).toEqual(ok(null));
    expect(store.unseal(commitment)).toBeNull();
    expect(kinds(store)).toEqual(['text.shredded']);
    expect(await store.shred(SYSTEM, commitment)).toEqual(err({ code: 'store/not-sealed' }));
  });

  it('leaves no trace of a destroyed key in any file of the store', async () => {
    const store = open();
    const commitments = await Promise.all(['one', 'two', 'three'].map((secret) => sealOne(store, secret)));
    const { key: destroyed } = store.read.get<{ key: Uint8Array }>('SELECT key FROM sealed_keys WHERE commitment = ?', commitments[1]!)!;
    const holding = () => readdirSync(opened!.directory).filter((name) => readFileSync(join(opened!.directory, name)).includes(Buffer.from(destroyed)));
    expect(holding()).not.toEqual([]);
    await store.shred(SYSTEM, commitments[1]!);
    expect(holding()).toEqual([]);
    expect([store.unseal(commitments[0]!), store.unseal(commitments[2]!)]).toEqual(['one', 'three']);
  });

  it('tries again while a reader keeps the old pages', async () => {
    const store = open();
    const commitment = await sealOne(store, 'one');
    const { key: destroyed } = store.read.get<{ key: Uint8Array }>('SELECT key FROM sealed_keys WHERE commitment = ?', commitment)!;
    const reader = new DatabaseSync(join(opened!.directory, 'sluice.db'), { readOnly: true });
    reader.exec('BEGIN; SELECT count(*) FROM events');
    expect(await store.shred(SYSTEM, commitment)).toEqual(ok(null));
    reader.close();
    const holding = () => readdirSync(opened!.directory).some((name) => readFileSync(join(opened!.directory, name)).includes(Buffer.from(destroyed)));
    await vi.waitFor(() => expect(holding()).toBe(false), { timeout: 10_000, interval: 100 });
  });

  it('throws where ciphertext was altered', async () => {
    const store = open();
    const commitment = await sealOne(store, 'intact');
    await store.transact(SYSTEM, (tx) => ok(tx.db.run("UPDATE sealed_texts SET ciphertext = zeroblob(length(ciphertext))")));
    expect(() => store.unseal(commitment)).toThrow();
  });
});

describe('blobs', () => {
  it('keeps bytes under an id, and drops them', async () => {
    const store = open();
    const put = await store.transact(SYSTEM, (tx) => ok(tx.putBlob(new Uint8Array([1, 2, 3]))));
    if (!put.ok) throw new Error('not put');
    expect(store.blob(put.value)).toEqual(new Uint8Array([1, 2, 3]));
    await store.transact(SYSTEM, (tx) => ok(tx.dropBlob(put.value)));
    expect(store.blob(put.value)).toBeNull();
  });
});
