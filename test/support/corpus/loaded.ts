/** A corpus in memory, as workers see it and plain: to ask the gate and the engine the same questions. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PinnedDataset } from '#contract/job.ts';
import type { Manifest } from '#contract/manifest.ts';
import { attachForGate, pin } from '../sql/tables.ts';
import { CLICKS, generateClicks } from './clicks.ts';
import type { CorpusName } from './queries.ts';
import { generateRetail, RETAIL } from './retail.ts';
import { createTables } from './tables.ts';
import { generateTrade, TRADE } from './trade.ts';

const MADE: Readonly<Record<CorpusName, { readonly manifest: Manifest; readonly generate: (directory: string) => void }>> = {
  trade: { manifest: TRADE, generate: (directory) => generateTrade(directory) },
  clicks: { manifest: CLICKS, generate: (directory) => generateClicks(directory) },
  retail: { manifest: RETAIL, generate: (directory) => generateRetail(directory) },
};

export interface LoadedCorpus {
  readonly connection: DuckDBConnection;
  readonly datasets: readonly PinnedDataset[];
  close(): void;
}

export async function loadCorpus(corpus: CorpusName): Promise<LoadedCorpus> {
  const { manifest, generate } = MADE[corpus];
  const directory = mkdtempSync(join(tmpdir(), `sluice-${corpus}-`));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  generate(directory);
  for (const statement of createTables(manifest, directory)) await connection.run(statement);
  rmSync(directory, { recursive: true });
  await attachForGate(connection, manifest, 'main');
  return { connection, datasets: [pin(manifest)], close: () => { connection.closeSync(); instance.closeSync(); } };
}
