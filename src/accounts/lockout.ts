/**
 * Waiting after failed logins, by login name and by source address, whether or not the name exists. Counters last across
 * restarts; attempts that are under way count as failures, so that a burst gets no more guesses than a queue.
 */
import { createHmac } from 'node:crypto';
import type { LockoutRules } from '#src/config.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { AccountId } from '#contract/id.ts';
import { SYSTEM } from './principal.ts';
import type { Store } from '#src/store/store.ts';
import type { Tx } from '#src/store/transaction.ts';

type Row = { readonly failures: number; readonly last: number; readonly until: number };
export type Attempt = { readonly name: string; readonly source: string };
const KINDS = ['name', 'source'] as const;

export class Lockout {
  readonly #store: Store;
  readonly #clock: () => Date;
  readonly #rules: LockoutRules;
  readonly #key: Uint8Array;
  readonly #underWay = new Map<string, number>();

  private constructor(store: Store, clock: () => Date, rules: LockoutRules, key: Uint8Array) {
    this.#store = store;
    this.#clock = clock;
    this.#rules = rules;
    this.#key = key;
  }

  static async open(store: Store, clock: () => Date, rules: LockoutRules): Promise<Lockout> {
    const found = await store.transact(SYSTEM, (tx) => {
      const row = tx.db.get<{ key: Uint8Array }>('SELECT key FROM login_failure_key');
      if (row !== undefined) return ok(row.key);
      const key = tx.random(32);
      tx.db.run('INSERT INTO login_failure_key (key) VALUES (?)', key);
      return ok(key);
    });
    if (!found.ok) throw new Error('not reachable: this transaction has no failure');
    return new Lockout(store, clock, rules, found.value);
  }

  /** Runs `verify` where neither name nor source has to wait. Fails `auth/too-many-attempts`. */
  async guard<T>(attempt: Attempt, verify: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
    const tags = KINDS.map((kind) => this.#tag(kind, attempt[kind]));
    const wait = Math.max(...KINDS.map((kind, i) => this.#waitOf(kind, tags[i]!)));
    if (wait > 0) return locked(wait);
    for (const tag of tags) this.#underWay.set(tag, (this.#underWay.get(tag) ?? 0) + 1);
    try {
      return await verify();
    } finally {
      for (const tag of tags) {
        const left = (this.#underWay.get(tag) ?? 1) - 1;
        if (left === 0) this.#underWay.delete(tag);
        else this.#underWay.set(tag, left);
      }
    }
  }

  /** Counts a failure and records `login.failed`, and `login.locked` where it makes somebody wait. */
  recordFailure(tx: Tx, attempt: Attempt, account: AccountId | null): void {
    const now = tx.now.getTime();
    tx.record({ kind: 'login.failed', account });
    tx.db.run('DELETE FROM login_failures WHERE last < ?', now - this.#rules.forgetSeconds * 1000);
    for (const kind of KINDS) {
      const tag = this.#tag(kind, attempt[kind]);
      const failures = (this.#row(tag)?.failures ?? 0) + 1;
      const seconds = waitAfter(failures, this.#limit(kind), this.#rules);
      tx.db.run(
        'INSERT INTO login_failures (tag, failures, last, until) VALUES (?, ?, ?, ?) ON CONFLICT (tag) DO UPDATE SET failures = excluded.failures, last = excluded.last, until = excluded.until',
        tag, failures, now, now + seconds * 1000,
      );
      if (seconds > 0) tx.record({ kind: 'login.locked', account, by: kind, seconds });
    }
  }

  /** A success clears the name; a source stays counted, or one good account would let it go on guessing at others. */
  recordSuccess(tx: Tx, attempt: Attempt): void {
    tx.db.run('DELETE FROM login_failures WHERE tag = ?', this.#tag('name', attempt.name));
  }

  /** Seconds to wait now, 0 where an attempt may be made. */
  #waitOf(kind: (typeof KINDS)[number], tag: string): number {
    const row = this.#row(tag);
    const now = this.#clock().getTime();
    const remembered = row !== undefined && row.last >= now - this.#rules.forgetSeconds * 1000 ? row : undefined;
    if (remembered !== undefined && remembered.until > now) return Math.ceil((remembered.until - now) / 1000);
    const underWay = this.#underWay.get(tag) ?? 0;
    // At the limit one attempt at a time; below it as many as could fail without reaching it.
    const free = Math.max(1, this.#limit(kind) - (remembered?.failures ?? 0));
    return underWay >= free ? 1 : 0;
  }

  #row(tag: string): Row | undefined {
    return this.#store.read.get<Row>('SELECT failures, last, until FROM login_failures WHERE tag = ?', tag);
  }

  #limit(kind: (typeof KINDS)[number]): number {
    return kind === 'name' ? this.#rules.afterFailures : this.#rules.afterFailuresOfSource;
  }

  #tag(kind: (typeof KINDS)[number], value: string): string {
    return createHmac('sha256', this.#key).update(`${kind}:${value.normalize('NFC')}`, 'utf8').digest('hex');
  }
}

/** Seconds: none below the limit, then doubling from `firstSeconds` to `longestSeconds`. */
export function waitAfter(failures: number, limit: number, rules: LockoutRules): number {
  if (failures < limit) return 0;
  return Math.min(rules.longestSeconds, rules.firstSeconds * 2 ** Math.min(failures - limit, 30));
}

const locked = (seconds: number) => fail('auth/too-many-attempts', text(
  `Too many attempts failed. Wait ${seconds} second${seconds === 1 ? '' : 's'} and try again.`,
  `失败次数过多。请等待 ${seconds} 秒后再试。`,
), { retryAfter: seconds });
