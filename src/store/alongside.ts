/**
 * Something that must be kept in the very transaction in which the current request takes effect, without the service in
 * between knowing of it: the answer under an `Idempotency-Key`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tx } from './transaction.ts';

/** `entry`: number of the first event that the transaction recorded. */
export type Alongside = (tx: Tx, value: unknown, entry: number) => void;

const current = new AsyncLocalStorage<Alongside>();

/** Runs `run`; `keep` joins every transaction below it that succeeds and records an event. */
export function alongside<T>(keep: Alongside, run: () => T): T {
  return current.run(keep, run);
}

/** Taken when a transaction is submitted: it may run in another request's turn. */
export const keptAlongside = (): Alongside | undefined => current.getStore();

/** Runs `run` outside the current request: what it does is not what the request did (a denial in the log, a job that starts). */
export function apart<T>(run: () => T): T {
  return current.exit(run);
}
