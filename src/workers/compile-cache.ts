/**
 * Compiled code that workers start from: half the processor time of a start. It lies beside the installed modules, which no
 * worker in a namespace can write; it is filled by a process that has no data and no conversation.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Node keeps one entry for each file, under a hash of its text: an entry that no longer fits is not used. */
export const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/sluice-workers', import.meta.url));

const ENTRY = fileURLToPath(new URL('../../sandbox/every-job.ts', import.meta.url));

/**
 * Brings the cache up to date, at the side; resolves when there is one. Where there is none, a worker takes twice the processor time to
 * start. Where it cannot be written workers start without it.
 */
export function fillCompileCache(flags: readonly string[], environment: Readonly<Record<string, string>>): Promise<void> {
  const isThere = existsSync(COMPILE_CACHE);
  const filled = new Promise<void>((resolve) => {
    const child = execFile(process.execPath, [...flags, ENTRY], { env: environment, timeout: 60_000 }, () => resolve());
    if (isThere) child.unref();
  });
  return isThere ? Promise.resolve() : filled;
}
