/** Has the domain's keys created by a process of the data plane, so that the control plane holds none. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cagedEnvironment } from './cage.ts';

const ENTRY = fileURLToPath(new URL('../../sandbox/init-keys.ts', import.meta.url));

/** Key name → commitment (HMAC-SHA-256 under the key of a fixed text), which may be logged. */
export const KeyCommitments = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
export type KeyCommitments = z.infer<typeof KeyCommitments>;

/** Creates what is missing in `directory` and leaves what exists. Throws where the directory cannot be written or read. */
export async function initKeys(directory: string): Promise<KeyCommitments> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', ENTRY, directory], { env: cagedEnvironment('process') });
  return KeyCommitments.parse(JSON.parse(stdout));
}
