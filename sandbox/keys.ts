/**
 * The domain's secret keys: files of 32 random bytes in `<home>/keys`, directory 0700, files 0600. Only workers read them.
 * `init-keys.ts` creates them as a process of its own, so that the control plane never has to hold one.
 */
import { createHmac } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** domain: commitments to results. noise: perturbation. pseudonym, record: ingest. sealing: what only the data plane may read again. */
export const KEY_NAMES = ['domain', 'noise', 'pseudonym', 'record', 'sealing'] as const;
export type KeyName = (typeof KEY_NAMES)[number];

const KEY_BYTES = 32;

const keyFile = (directory: string, name: KeyName): string => join(directory, `${name}.key`);

/**
 * Creates what is missing and leaves what exists. Safe against a crash and against a second process that does the same:
 * a key appears under its name only when all its bytes are on disk.
 * @param random injected source of random bytes
 */
export function ensureKeys(directory: string, random: (bytes: number) => Uint8Array): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const name of KEY_NAMES) {
    if (statSync(keyFile(directory, name), { throwIfNoEntry: false }) === undefined) createKey(directory, name, random);
    readKey(directory, name);
  }
}

function createKey(directory: string, name: KeyName, random: (bytes: number) => Uint8Array): void {
  const unfinished = join(directory, `.${name}.${Buffer.from(random(8)).toString('hex')}`);
  const file = openSync(unfinished, 'wx', 0o600);
  try {
    writeSync(file, random(KEY_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(unfinished, keyFile(directory, name));
  } catch (error) {
    // Another process was faster: its key counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished);
  }
  const folder = openSync(directory, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** Throws where the key is missing or is not 32 bytes. */
export function readKey(directory: string, name: KeyName): Uint8Array {
  const key = readFileSync(keyFile(directory, name));
  if (key.length !== KEY_BYTES) throw new Error(`key ${name} is not ${KEY_BYTES} bytes`);
  return key;
}

/** What the log may know of a key: HMAC-SHA-256 under it of a fixed text, as hexadecimal digits. */
export function keyCommitment(directory: string, name: KeyName): string {
  return createHmac('sha256', readKey(directory, name)).update(`sluice key commitment: ${name}`).digest('hex');
}
