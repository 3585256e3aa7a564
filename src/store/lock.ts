/**
 * One server per home. The lock is an exclusive SQLite transaction on a file of its own, held for as long as the store is
 * open: the operating system drops it when the process dies, however it dies, so there is nothing stale to clean up.
 */
import { DatabaseSync } from 'node:sqlite';

export interface HomeLock {
  release(): void;
}

/** @returns null where another process (or another store of this process) holds the home. */
export function lockHome(file: string): HomeLock | null {
  const holder = new DatabaseSync(file, { timeout: 0 });
  try {
    holder.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    holder.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return { release: () => holder.close() };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
