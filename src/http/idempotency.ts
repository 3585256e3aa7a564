/**
 * `Idempotency-Key`: a creation that is sent again answers as it did the first time. The answer is kept in the same
 * transaction as what it did, so neither a lost connection nor a crash makes it happen twice.
 */
import type { Digest } from '#contract/canonical.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { AccountId } from '#contract/id.ts';
import { SYSTEM } from '#src/accounts/principal.ts';
import { alongside } from '#src/store/alongside.ts';
import type { Store } from '#src/store/store.ts';
import type { Tx } from '#src/store/transaction.ts';

/** Answers are kept this long unless there are too many, in milliseconds: seven days. */
const KEPT = 7 * 24 * 3600 * 1000;

export type KeyedRequest = { readonly account: AccountId; readonly key: string; readonly request: Digest };
type Row = { readonly request: string; readonly entry: number; readonly answer: string | null };

export class Idempotency {
  readonly #store: Store;
  /** Requests that are being handled now, by account and key. One process per home, so memory is enough. */
  readonly #running = new Set<string>();
  /** Answers kept for each account, about: those that became too old are counted until the next look. */
  readonly #kept: Map<string, number>;
  readonly #most: number;

  /** @param most answers kept for one account, integer ≥ 1; a tenth more until the oldest are dropped */
  constructor(store: Store, most: number) {
    this.#store = store;
    this.#most = most;
    this.#kept = new Map(store.read.all<{ account: string; n: number }>('SELECT account, count(*) AS n FROM idempotency GROUP BY account').map(({ account, n }) => [account, n]));
  }

  /**
   * Runs `run` unless it ran before. Failures are not kept: they changed nothing and may be tried again.
   * `shown`: the answer that a value makes, null where the value is none. A transaction whose value is the answer
   * (what services return) has it kept at once; otherwise it is kept after `run` ends.
   * Fails `request/invalid`, `idempotency/key-reused`, `idempotency/in-progress`, `idempotency/answer-lost`.
   */
  async once(asked: KeyedRequest, run: () => Promise<Result<unknown, Failure>> | Result<unknown, Failure>, shown: (value: unknown) => unknown): Promise<Result<unknown, Failure>> {
    if (!/^[\x21-\x7e]{1,128}$/.test(asked.key)) {
      return fail('request/invalid', text('An Idempotency-Key has 1 to 128 visible ASCII characters; a random UUID is a good one.', 'Idempotency-Key 须为 1 至 128 个可见 ASCII 字符；建议使用随机 UUID。'));
    }
    const id = `${asked.account} ${asked.key}`;
    const before = this.#find(asked);
    if (before !== undefined) return again(before, asked);
    if (this.#running.has(id)) {
      return fail('idempotency/in-progress', text('The first request with this Idempotency-Key is still being handled. Wait for its answer, or ask again in a second.', '使用该 Idempotency-Key 的首个请求仍在处理中。请等待其应答，或稍后重试。'), { retryAfter: 1 });
    }
    this.#running.add(id);
    try {
      const result = await alongside((tx, value, entry) => this.#keep(tx, asked, entry, shown(value)), run);
      if (result.ok) await this.#settle(asked, shown(result.value));
      return result;
    } finally {
      this.#running.delete(id);
    }
  }

  #keep(tx: Tx, { account, key, request }: KeyedRequest, entry: number, answer: unknown): void {
    const now = tx.now.getTime();
    tx.db.run('DELETE FROM idempotency WHERE at < ?', now - KEPT);
    tx.db.run(
      'INSERT INTO idempotency (account, key, request, entry, answer, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, key) DO UPDATE SET answer = excluded.answer',
      account, key, request, entry, answer === null ? null : JSON.stringify(answer), now,
    );
    const kept = (this.#kept.get(account) ?? 0) + 1;
    this.#kept.set(account, kept);
    if (kept > this.#most * 1.1) this.#kept.set(account, dropOldest(tx, account, this.#most));
  }

  #find({ account, key }: KeyedRequest): Row | undefined {
    return this.#store.read.get<Row>('SELECT request, entry, answer FROM idempotency WHERE account = ? AND key = ?', account, key);
  }

  /** Keeps the final answer where the transaction could not know it yet. */
  async #settle(asked: KeyedRequest, answer: unknown): Promise<void> {
    if (answer === null) return;
    const kept = this.#find(asked);
    const final = JSON.stringify(answer);
    if (kept === undefined || kept.answer === final) return;
    await this.#store.transact(SYSTEM, (tx) => {
      tx.db.run('UPDATE idempotency SET answer = ? WHERE account = ? AND key = ?', final, asked.account, asked.key);
      return ok(null);
    });
  }
}

function again(row: Row, asked: KeyedRequest): Result<unknown, Failure> {
  if (row.request !== asked.request) {
    return fail('idempotency/key-reused', text('This Idempotency-Key was sent before with another request. Use a new key for a new request.', '该 Idempotency-Key 曾用于另一请求。新请求请使用新的键。'));
  }
  if (row.answer === null) {
    return fail('idempotency/answer-lost', text(
      `The request was carried out (log entry ${row.entry}), but the service stopped before it could answer. Look it up in the listing.`,
      `该请求已执行（日志条目 ${row.entry}），但服务在应答前中止。请在列表中查阅。`,
    ), { entry: row.entry });
  }
  return ok(JSON.parse(row.answer));
}

/** @returns how many are left */
function dropOldest(tx: Tx, account: AccountId, most: number): number {
  tx.db.run('DELETE FROM idempotency WHERE account = ?1 AND key IN (SELECT key FROM idempotency WHERE account = ?1 ORDER BY at DESC LIMIT -1 OFFSET ?2)', account, most);
  return tx.db.get<{ n: number }>('SELECT count(*) AS n FROM idempotency WHERE account = ?', account)?.n ?? 0;
}
