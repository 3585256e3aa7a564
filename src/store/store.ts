/**
 * The store: the only persistence code. Every change of state is an event, written in one SQLite transaction with the
 * tables derived from it; acknowledged means durable.
 */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Commitment } from '#contract/commitment.ts';
import type { EventBody } from '#contract/event.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { keptAlongside } from './alongside.ts';
import { Db, type Reader } from './db.ts';
import { GroupCommit } from './group-commit.ts';
import { lockHome, type HomeLock } from './lock.ts';
import { Dispatch, type Projection } from './projection.ts';
import { prepareSchema } from './prepare.ts';
import { destroyKey, unseal } from './seal.ts';
import type { Acting } from './standing.ts';
import { Recorder, type Tx } from './transaction.ts';

export interface StoreOptions {
  /** Home of the service; created with mode 0700 where it does not exist. */
  readonly directory: string;
  readonly clock: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  readonly projections: readonly Projection[];
}

/** How long a write waits for a stranger who has the file locked, in milliseconds. */
const BUSY_TIMEOUT = 5000;

export type StoreFailure =
  /** Another process has this home open. */
  | { readonly code: 'store/locked'; readonly directory: string }
  /** Written by another version of the program. */
  | { readonly code: 'store/schema-version'; readonly found: number; readonly expected: number };

export class Store {
  readonly #db: Db;
  readonly #lock: HomeLock;
  readonly #recorder: Recorder;
  readonly #commits: GroupCommit;
  readonly #listeners = new Set<(size: number) => void>();
  #cutting: NodeJS.Timeout | undefined;

  /** Reads committed state. Never sees half a transaction: transactions run between two turns of the event loop. */
  readonly read: Reader;

  private constructor(db: Db, lock: HomeLock, options: StoreOptions, dispatch: Dispatch, applying: { on: boolean }) {
    this.#db = db;
    this.read = db;
    this.#lock = lock;
    this.#recorder = new Recorder({ db, dispatch, applying, clock: options.clock, random: options.random });
    this.#commits = new GroupCommit(db.raw, this.#recorder, () => {
      for (const listener of this.#listeners) listener(this.size);
    });
  }

  /** Throws where the disk or the file is broken; whoever opens the store reports that and stops. */
  static open(options: StoreOptions): Result<Store, StoreFailure> {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    const file = join(options.directory, 'sluice.db');
    for (const path of [file, join(options.directory, 'store.lock')]) createPrivately(path);
    syncDirectory(options.directory);
    const lock = lockHome(join(options.directory, 'store.lock'));
    if (lock === null) return err({ code: 'store/locked', directory: options.directory });
    const raw = new DatabaseSync(file, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
    try {
      // secure_delete: a destroyed key is overwritten, not merely unlinked.
      raw.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY');
      const db = new Db(raw);
      const dispatch = new Dispatch(options.projections);
      const applying = { on: false };
      const prepared = prepareSchema(db, options.projections, dispatch, applying);
      if (!prepared.ok) {
        raw.close();
        lock.release();
        return prepared;
      }
      return ok(new Store(db, lock, options, dispatch, applying));
    } catch (error) {
      raw.close();
      lock.release();
      throw error;
    }
  }

  /** Number of entries in the log. */
  get size(): number {
    return this.#recorder.size;
  }

  /**
   * Runs `work` in a transaction and resolves once it is on disk. An Err result (or a throw) rolls back this transaction
   * alone. `work` is synchronous and may run in one SQLite transaction with its neighbours; it sees their effects.
   * Rejects with `StoreFull` when there was no room for this group of transactions, and with `StoreClosed` when durability
   * failed otherwise: from then on nothing is accepted until the service is restarted. Rejects with `NoStanding` where
   * `work` records anything and the actor's account or credential does not hold at that moment.
   */
  transact<T, F>(actor: Acting, work: (tx: Tx) => Result<T, F>): Promise<Result<T, F>> {
    const keep = keptAlongside();
    if (keep === undefined) return this.#commits.submit(actor, work);
    return this.#commits.submit(actor, (tx) => {
      const entry = this.size;
      const result = work(tx);
      if (result.ok && this.size > entry) keep(tx, result.value, entry);
      return result;
    });
  }

  /** Canonical entries `from` (inclusive) to `to` (exclusive), UTF-8. */
  entries(from: number, to: number): Uint8Array[] {
    return this.#db.all<{ entry: Uint8Array }>('SELECT entry FROM events WHERE seq >= ? AND seq < ? ORDER BY seq', from, to).map((row) => row.entry);
  }

  /** The text under a commitment; null where it was shredded or is not from here. */
  unseal(commitment: Commitment): string | null {
    return unseal(this.#db, commitment);
  }

  /** Destroys the key of a sealed text and records `text.shredded`. Fails `store/not-sealed` where there is no key. */
  async shred(actor: Acting, commitment: Commitment): Promise<Result<null, { readonly code: 'store/not-sealed' }>> {
    const result = await this.transact(actor, (tx) => {
      if (!destroyKey(tx.db, commitment)) return err({ code: 'store/not-sealed' } as const);
      tx.record({ kind: 'text.shredded', commitment } satisfies EventBody);
      return ok(null);
    });
    if (result.ok) this.#cutWriteAheadLog();
    return result;
  }

  blob(id: string): Uint8Array | null {
    return this.#db.get<{ bytes: Uint8Array }>('SELECT bytes FROM blobs WHERE id = ?', id)?.bytes ?? null;
  }

  /** Calls `listener` with the size of the log after each commit. @returns a function that stops it. */
  onCommit(listener: (size: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The write-ahead log still holds the page with a destroyed key until it is folded into the database and cut off. A
   * reader beside the server (`audit rebuild`) can be in the way; then it is tried again. Closing the store does it too.
   */
  #cutWriteAheadLog(): void {
    clearTimeout(this.#cutting);
    // Waiting for the reader here would hold up everybody.
    this.#db.raw.exec('PRAGMA busy_timeout = 0');
    const done = this.#db.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)')?.busy === 0;
    this.#db.raw.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    if (!done) this.#cutting = setTimeout(() => this.#cutWriteAheadLog(), 1000).unref();
  }

  /** Finishes what was submitted, then closes. */
  async close(): Promise<void> {
    await this.#commits.close();
    clearTimeout(this.#cutting);
    this.#listeners.clear();
    this.#db.raw.close();
    this.#lock.release();
  }
}

function createPrivately(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
