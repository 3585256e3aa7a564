/**
 * `node sandbox/init-keys.ts <directory>`: creates the domain's keys where they are missing and prints their commitments
 * as one line of JSON, `{"domain": "…", …}`. A process of its own, started by path, because `src` must neither import
 * `sandbox` nor hold a key. Exit status 0, or 1 (could not be created or read; nothing is printed).
 */
import { randomBytes } from 'node:crypto';
import { KEY_NAMES, ensureKeys, keyCommitment } from './keys.ts';

const directory = process.argv[2];
try {
  if (directory === undefined) throw new Error('needs a directory');
  ensureKeys(directory, randomBytes);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(KEY_NAMES.map((name) => [name, keyCommitment(directory, name)])))}\n`);
} catch {
  process.exitCode = 1;
}
