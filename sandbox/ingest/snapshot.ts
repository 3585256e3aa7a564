/**
 * The form of a snapshot on disk, and the one function that opens it.
 *
 * `<store>/<address>/` holds for each table `<table>.parquet` (canonical: written again from the same input and keys it has
 * the same bytes) and `<table>.duckdb` (for attaching; its bytes differ from one writing to the next), and `snapshot.json`.
 * The address is the digest of the manifest's digest and the Parquet digests. The record of all files is authenticated
 * under the domain key, so that nobody without it can put other files in place.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Digest, canonical, digestOf } from '#contract/canonical.ts';
import { DatasetId } from '#contract/manifest.ts';
import { Name } from '#contract/name.ts';
import type { AttachedTable } from '../engine/instance.ts';
import { readKey } from '../keys.ts';

const FileRecord = z.strictObject({ bytes: z.int().nonnegative(), sha256: Digest });

const TableRecord = z.strictObject({
  name: Name,
  /** Without a privacy unit: attached above the gate as well. */
  public: z.boolean(),
  rows: z.int().nonnegative(),
  parquet: FileRecord,
  duckdb: FileRecord,
});

const SnapshotRecord = z.strictObject({ v: z.literal(1), dataset: DatasetId, manifest: Digest, tables: z.array(TableRecord).min(1) });
export type SnapshotRecord = z.infer<typeof SnapshotRecord>;

const SnapshotFile = z.strictObject({ record: SnapshotRecord, mac: z.string().regex(/^[0-9a-f]{64}$/) });

export const RECORD_FILE = 'snapshot.json';

/** DuckDB files up to this many bytes in all are hashed at every opening (about 1 ms per MB). */
const ALWAYS_HASHED_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

export function addressOf(record: SnapshotRecord): Digest {
  return digestOf({
    v: record.v,
    manifest: record.manifest,
    tables: record.tables.map(({ name, public: isPublic, rows, parquet }) => ({ name, public: isPublic, rows, parquet: parquet.sha256 })),
  });
}

/** The content of `snapshot.json`. */
export function encodeRecord(record: SnapshotRecord, keys: string): string {
  return `${canonical({ record, mac: macOf(record, keys).toString('hex') })}\n`;
}

function macOf(record: SnapshotRecord, keys: string): Buffer {
  return createHmac('sha256', readKey(keys, 'domain')).update(`sluice snapshot record\n${canonical(record)}`).digest();
}

/**
 * Opens the snapshot in `directory`. Checks that the record is authentic and has this address and that every file has its
 * recorded size; small DuckDB files are hashed as well.
 * @param keys directory of the domain's keys
 * @param full hash every file whatever its size (replay)
 * Throws where anything differs: a snapshot that is not what its address says is never opened.
 */
export async function openSnapshot(directory: string, address: Digest, keys: string | null, full = false): Promise<SnapshotRecord> {
  if (keys === null) throw new Error('a worker without keys opens no snapshot');
  const { record, mac } = SnapshotFile.parse(JSON.parse(await readFile(join(directory, RECORD_FILE), 'utf8')));
  if (!timingSafeEqual(Buffer.from(mac, 'hex'), macOf(record, keys))) throw new Error('the record of the snapshot is not authentic');
  if (addressOf(record) !== address) throw new Error('the snapshot has another address');
  const hashDuckdb = full || record.tables.reduce((sum, { duckdb }) => sum + duckdb.bytes, 0) <= ALWAYS_HASHED_BYTES;
  for (const { name, parquet, duckdb } of record.tables) {
    await checkFile(duckdbFile(directory, name), duckdb, hashDuckdb);
    await checkFile(parquetFile(directory, name), parquet, full);
  }
  return record;
}

async function checkFile(file: string, recorded: z.infer<typeof FileRecord>, hash: boolean): Promise<void> {
  if ((await stat(file)).size !== recorded.bytes) throw new Error('a file of the snapshot has another size');
  if (hash && (await sha256File(file)) !== recorded.sha256) throw new Error('a file of the snapshot has changed');
}

export async function sha256File(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  const handle = await open(file);
  try {
    // One for the whole file: a new one for each piece is a collection of all garbage every few files.
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) return hash.digest('hex') as Digest;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

export const duckdbFile = (directory: string, table: string): string => join(directory, `${table}.duckdb`);
export const parquetFile = (directory: string, table: string): string => join(directory, `${table}.parquet`);

/** Catalogue names are `dataset.table`. */
export function attachedTables(dataset: DatasetId, directory: string, record: SnapshotRecord): { readonly table: AttachedTable; readonly public: boolean }[] {
  if (record.dataset !== dataset) throw new Error('the snapshot belongs to another dataset');
  return record.tables.map((t) => ({ table: { catalog: `${dataset}.${t.name}`, dataset, file: duckdbFile(directory, t.name) }, public: t.public }));
}
