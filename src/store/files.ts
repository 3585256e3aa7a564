/** Files that are there completely or not at all, also after the power fails. */
import { mkdirSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Written beside its place, synced, renamed into place, and the directories synced. Directories are made where missing. */
export async function writeDurably(path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const made = mkdirSync(dirname(path), { recursive: true });
  const scratch = `${path}.new`;
  const file = await open(scratch, 'w', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(scratch, path);
  // A new directory is an entry in the one above, up to the first that was there before.
  const last = made === undefined ? dirname(path) : dirname(made);
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    await syncDirectory(directory);
    if (directory === last) return;
  }
}

/** @returns null where there is no such file. */
export async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
