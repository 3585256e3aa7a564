/**
 * Group commit: transactions that arrive while one commit is being written run as savepoints of the next SQLite
 * transaction and are acknowledged together after its fsync. Under load the cost of an fsync is shared.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Result } from '#contract/result.ts';
import type { Acting } from './standing.ts';
import type { Position, Recorder, Tx } from './transaction.ts';

/** Nothing more is accepted: the store was closed, or something about durability failed and it closed itself. */
export class StoreClosed extends Error {
  override readonly name = 'StoreClosed';
}

/** There was no room for a group of transactions: none of them happened. The store goes on. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull';
}

interface Waiting {
  readonly actor: Acting;
  readonly work: (tx: Tx) => Result<unknown, unknown>;
  readonly resolve: (result: Result<unknown, unknown>) => void;
  readonly reject: (reason: unknown) => void;
}

/** So many transactions at most share a commit, which bounds how long the event loop is held. */
const MAX_GROUP = 256;

export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #recorder: Recorder;
  readonly #committed: () => void;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #closed: StoreClosed | null = null;
  #drained: (() => void)[] = [];

  constructor(db: DatabaseSync, recorder: Recorder, committed: () => void) {
    this.#db = db;
    this.#recorder = recorder;
    this.#committed = committed;
  }

  submit<T, F>(actor: Acting, work: (tx: Tx) => Result<T, F>): Promise<Result<T, F>> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    return new Promise<Result<T, F>>((resolve, reject) => {
      this.#waiting.push({ actor, work, resolve: resolve as Waiting['resolve'], reject });
      this.#schedule();
    });
  }

  /** Resolves when everything submitted before has been answered. */
  close(): Promise<void> {
    this.#closed ??= new StoreClosed('the store is closed');
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** After the poll phase, so that every request that came in during the last fsync joins this group. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commitGroup(this.#waiting.splice(0, MAX_GROUP));
      if (this.#waiting.length > 0) this.#schedule();
      else for (const drained of this.#drained.splice(0)) drained();
    });
  }

  #commitGroup(group: readonly Waiting[]): void {
    const before = this.#recorder.position;
    const answers: (() => void)[] = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const one of group) answers.push(this.#runOne(one));
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#failGroup(group, before, error);
      return;
    }
    for (const answer of answers) answer();
    if (this.#recorder.size > before.size) this.#committed();
  }

  /** @returns the answer, to be given once the group is on disk. Throws only when the whole group is lost. */
  #runOne(one: Waiting): () => void {
    const before = this.#recorder.position;
    this.#db.exec('SAVEPOINT one');
    let outcome: { readonly keep: boolean; readonly answer: () => void };
    try {
      const result = one.work(this.#recorder.begin(one.actor));
      outcome = { keep: result.ok, answer: () => one.resolve(result) };
    } catch (error) {
      if (resultCode(error) === SQLITE_FULL || STORAGE_FAILURES.has(resultCode(error))) throw error;
      outcome = { keep: false, answer: () => one.reject(error) };
    }
    if (!outcome.keep) {
      this.#db.exec('ROLLBACK TO one');
      this.#recorder.restore(before);
    }
    this.#db.exec('RELEASE one');
    return outcome.answer;
  }

  /**
   * Nobody in the group is told yes. A full disk is the one trouble after which it is certain that nothing of the group
   * was written; after any other only a fresh start, which reads what is there, can tell, so the store closes itself.
   */
  #failGroup(group: readonly Waiting[], before: Position, cause: unknown): void {
    let reason: Error = new StoreFull('there is no room to write; nothing was changed', { cause });
    const lost = [...group];
    if (resultCode(cause) !== SQLITE_FULL) {
      this.#closed = new StoreClosed('a commit failed; nothing more is accepted until the service is restarted', { cause });
      reason = this.#closed;
      lost.push(...this.#waiting.splice(0));
    }
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } finally {
      this.#recorder.restore(before);
      for (const one of lost) one.reject(reason);
    }
  }
}

const SQLITE_FULL = 13;
/** Storage that cannot be relied on: IOERR, CORRUPT, NOTADB. */
const STORAGE_FAILURES: ReadonlySet<number> = new Set([10, 11, 26]);

/** SQLite's primary result code; 0 for any other error. */
function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
}
