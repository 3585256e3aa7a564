/** Perturbation tables that agencies loaded, derived from their events. The tables themselves are documents (`catalog.ts`). */
import type { Digest } from '#contract/canonical.ts';
import type { AccountId, OrganisationId } from '#contract/id.ts';
import type { DatasetId } from '#contract/manifest.ts';
import type { StatedNoise } from '#contract/noise-size.ts';
import type { Reader } from './db.ts';
import type { ProjectionOf } from './projection.ts';

export interface PerturbationTableRow {
  readonly organisation: OrganisationId;
  readonly name: DatasetId;
  readonly table: Digest;
  /** JSON of `StatedNoise`. */
  readonly noise: string;
  readonly loaded_by: AccountId;
  readonly loaded_at: string;
  readonly seq: number;
}

export const perturbationProjection = {
  name: 'perturbation-tables',
  tables: `
    CREATE TABLE perturbation_tables (
      seq INTEGER PRIMARY KEY, organisation TEXT NOT NULL, name TEXT NOT NULL, "table" TEXT NOT NULL, noise TEXT NOT NULL,
      loaded_by TEXT NOT NULL, loaded_at TEXT NOT NULL, UNIQUE (organisation, name)
    ) STRICT;
    CREATE INDEX perturbation_tables_by_digest ON perturbation_tables ("table");
  `,
  apply: {
    'perturbation-table.loaded': (db, { seq, time, actor, body }) => {
      db.run('INSERT INTO perturbation_tables (seq, organisation, name, "table", noise, loaded_by, loaded_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        seq, body.organisation, body.name, body.table, JSON.stringify(body.noise), actor.id, time);
    },
  },
} satisfies ProjectionOf<'perturbation-table.loaded'>;

export const statedNoiseOf = ({ noise }: PerturbationTableRow): StatedNoise => JSON.parse(noise) as StatedNoise;

export function tableByName(db: Reader, organisation: OrganisationId, name: DatasetId): PerturbationTableRow | undefined {
  return db.get<PerturbationTableRow>('SELECT * FROM perturbation_tables WHERE organisation = ? AND name = ?', organisation, name);
}

/** Loads of an agency, of all where null, newest first. */
export function tableRows(db: Reader, organisation: OrganisationId | null, name: DatasetId | null, before: number, limit: number): PerturbationTableRow[] {
  return db.all<PerturbationTableRow>('SELECT * FROM perturbation_tables WHERE organisation = ifnull(?, organisation) AND name = ifnull(?, name) AND seq < ? ORDER BY seq DESC LIMIT ?', organisation, name, before, limit);
}

/** The loads of one table, the first first. */
export function tableByDigest(db: Reader, organisation: OrganisationId | null, table: Digest): PerturbationTableRow[] {
  return db.all<PerturbationTableRow>('SELECT * FROM perturbation_tables WHERE "table" = ? AND organisation = ifnull(?, organisation) ORDER BY seq', table, organisation);
}

/** What the names of an agency stand for. */
export function tablesByName(db: Reader, organisation: OrganisationId): ReadonlyMap<string, Digest> {
  return new Map(db.all<{ name: string; table: Digest }>('SELECT name, "table" FROM perturbation_tables WHERE organisation = ? ORDER BY seq', organisation).map(({ name, table }) => [name, table]));
}
