/** Puts a finished snapshot in its place so that a crash at any moment leaves either all of it or nothing. */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '#contract/canonical.ts';
import { RECORD_FILE, addressOf, encodeRecord, openSnapshot, type SnapshotRecord } from './snapshot.ts';

const UNFINISHED = '.unfinished-';

/**
 * A private directory of the store for one load, mode 0700. What an earlier load left behind when it was killed is removed:
 * loads into one store run one after the other.
 */
export function beginLoad(store: string, random: (bytes: number) => Uint8Array): string {
  mkdirSync(store, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(store)) if (name.startsWith(UNFINISHED)) rmSync(join(store, name), { recursive: true, force: true });
  const work = join(store, `${UNFINISHED}${Buffer.from(random(8)).toString('hex')}`);
  mkdirSync(join(work, 'snapshot'), { recursive: true, mode: 0o700 });
  return work;
}

export const endLoad = (work: string): void => rmSync(work, { recursive: true, force: true });

/** Where the files of the snapshot are written. */
export const snapshotDirectory = (work: string): string => join(work, 'snapshot');

/** Makes the files durable and renames their directory to the snapshot's address. A sound snapshot of that address stays. */
export async function commitSnapshot(store: string, work: string, record: SnapshotRecord, keys: string): Promise<Digest> {
  const finished = snapshotDirectory(work);
  writeFileSync(join(finished, RECORD_FILE), encodeRecord(record, keys));
  for (const name of readdirSync(finished)) {
    chmodSync(join(finished, name), 0o600);
    sync(join(finished, name));
  }
  sync(finished);
  const address = addressOf(record);
  const target = join(store, address);
  if (existsSync(target)) {
    if (await isSound(target, address, keys)) return address;
    renameSync(target, join(work, 'damaged'));
  }
  renameSync(finished, target);
  sync(store);
  return address;
}

const isSound = (directory: string, address: Digest, keys: string): Promise<boolean> =>
  openSnapshot(directory, address, keys, true).then(() => true, () => false);

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
