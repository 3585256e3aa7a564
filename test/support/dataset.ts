/** Datasets for tests of ingest: files in a temporary directory, a manifest, a domain with keys, and a look into the snapshot. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { z } from 'zod';
import type { IngestProblem, Ingested } from '#contract/job.ts';
import { Manifest } from '#contract/manifest.ts';
import type { Result } from '#contract/result.ts';
import { ingest } from '#sandbox/ingest/ingest.ts';
import { ensureKeys } from '#sandbox/keys.ts';

export type Tables = z.input<typeof Manifest>['tables'];

/** Not random at all: the same keys in every run. */
function repeatable(seed: string): (bytes: number) => Uint8Array {
  let n = 0;
  return (bytes) => createHash('sha512').update(`${seed}:${n++}`).digest().subarray(0, bytes);
}

export class Domain {
  readonly home = mkdtempSync(join(tmpdir(), 'sluice-domain-'));
  readonly keys = join(this.home, 'keys');
  readonly store = join(this.home, 'snapshots');

  constructor(seed = 'test') {
    ensureKeys(this.keys, repeatable(seed));
  }

  /** Writes `files` beside the manifest and loads them. */
  async load(tables: Tables, files: Readonly<Record<string, string | Uint8Array>>, { trial = true, id = 'town' } = {}): Promise<Result<Ingested, readonly IngestProblem[]>> {
    const source = mkdtempSync(join(this.home, 'source-'));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(source, name), content);
    mkdirSync(this.store, { recursive: true });
    return ingest({ kind: 'ingest', manifest: Manifest.parse({ id, tables }), source, trial }, {
      keys: this.keys, snapshotStore: this.store, limits: { memoryMb: 512, threads: 2 }, random: repeatable(source),
    });
  }

  directory(ingested: Ingested): string {
    return join(this.store, ingested.snapshot);
  }

  /** Rows of one table of the snapshot, as JavaScript values. */
  async rows(ingested: Ingested, table: string, select: string): Promise<unknown[][]> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`ATTACH '${join(this.directory(ingested), `${table}.duckdb`)}' AS s (READ_ONLY)`);
    const rows = (await connection.runAndReadAll(select.replaceAll('ROWS', 's.main."rows"'))).getRowsJson();
    connection.closeSync();
    instance.closeSync();
    return rows;
  }
}

export function loaded(result: Result<Ingested, readonly IngestProblem[]>): Ingested {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

export function refused(result: Result<Ingested, readonly IngestProblem[]>): readonly IngestProblem[] {
  if (result.ok) throw new Error('was not refused');
  return result.error;
}
