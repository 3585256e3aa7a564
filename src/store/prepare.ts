/** Brings a database file to the schema of this program: creates it, or rebuilds projected tables whose DDL changed. */
import { canonical, digestOf } from '#contract/canonical.ts';
import type { Event } from '#contract/event.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Db } from './db.ts';
import { Dispatch, type Projection, tablesOf } from './projection.ts';
import { CORE_TABLES, SCHEMA_VERSION } from './schema.ts';

export interface SchemaVersionFailure {
  readonly code: 'store/schema-version';
  readonly found: number;
  readonly expected: number;
}

export function prepareSchema(db: Db, projections: readonly Projection[], dispatch: Dispatch, applying: { on: boolean }): Result<null, SchemaVersionFailure> {
  const found = db.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
  if (found !== 0 && found !== SCHEMA_VERSION) return err({ code: 'store/schema-version', found, expected: SCHEMA_VERSION });
  const tables = projections.flatMap((projection) => tablesOf(projection.tables));
  // Dropping and refilling tables in another order than their references is fine: the check comes at the end.
  db.raw.exec('PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE');
  try {
    if (found === 0) {
      db.raw.exec(CORE_TABLES);
      for (const projection of projections) if (projection.side !== undefined) db.raw.exec(projection.side);
      db.raw.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    }
    const digest = digestOf(projections.map(({ name, tables: ddl }) => [name, ddl]));
    if (meta(db, 'projected') !== digest) {
      replaceProjectedTables(db, projections, dispatch);
      setMeta(db, 'projected', digest);
      setMeta(db, 'tables', canonical(tables));
    }
    if (db.all('PRAGMA foreign_key_check').length > 0) throw new Error('the rebuilt tables contradict each other');
    db.raw.exec('COMMIT; PRAGMA foreign_keys = ON');
  } catch (error) {
    if (db.raw.isTransaction) db.raw.exec('ROLLBACK');
    throw error;
  }
  guardTables(db, tables, applying);
  return ok(null);
}

function replaceProjectedTables(db: Db, projections: readonly Projection[], dispatch: Dispatch): void {
  for (const table of JSON.parse(meta(db, 'tables') ?? '[]') as string[]) db.raw.exec(`DROP TABLE "${table}"`);
  for (const projection of projections) db.raw.exec(projection.tables);
  for (const event of events(db)) dispatch.apply(db, event);
}

/** Every event of the log in order, a page at a time, so that writing between two of them is safe. */
export function* events(db: Pick<Db, 'all'>): Generator<Event> {
  const page = 1000;
  for (let from = 0; ; from += page) {
    const rows = db.all<{ entry: Uint8Array }>('SELECT entry FROM events WHERE seq >= ? AND seq < ? ORDER BY seq', from, from + page);
    for (const row of rows) yield JSON.parse(Buffer.from(row.entry).toString('utf8')) as Event;
    if (rows.length < page) return;
  }
}

/** INVARIANT (no state without a trace): outside `apply`, a write to a projected table is aborted. */
function guardTables(db: Db, tables: readonly string[], applying: { on: boolean }): void {
  db.raw.function('applying', () => (applying.on ? 1 : 0));
  for (const table of tables) {
    for (const verb of ['INSERT', 'UPDATE', 'DELETE']) {
      db.raw.exec(`CREATE TEMP TRIGGER "guard_${table}_${verb}" BEFORE ${verb} ON main."${table}" WHEN applying() = 0
        BEGIN SELECT RAISE(ABORT, 'projected tables change through events only'); END`);
    }
  }
}

function meta(db: Db, name: string): string | undefined {
  return db.get<{ value: string }>('SELECT value FROM store_meta WHERE name = ?', name)?.value;
}

function setMeta(db: Db, name: string, value: string): void {
  db.run('INSERT INTO store_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value);
}
