/** `sluice audit rebuild`: derives the projected tables again from the log alone and compares them with the store's. */
import { DatabaseSync } from 'node:sqlite';
import type { RebuildReport } from '#contract/audit.ts';
import { Event } from '#contract/event.ts';
import { Db } from '#src/store/db.ts';
import { Dispatch, type Projection, tablesOf } from '#src/store/projection.ts';
import { events } from '#src/store/prepare.ts';

/**
 * Works on a copy in memory and only reads the store, which may be in use meanwhile.
 * @param file the store's SQLite file. Throws where it cannot be read or an entry cannot be applied.
 */
export function rebuild(file: string, projections: readonly Projection[]): RebuildReport {
  const stored = new Db(new DatabaseSync(file, { readOnly: true, timeout: 5000 }));
  const fresh = new Db(new DatabaseSync(':memory:'));
  try {
    // One read transaction: log and tables of the same moment.
    stored.raw.exec('BEGIN');
    for (const { tables } of projections) fresh.raw.exec(tables);
    const dispatch = new Dispatch(projections);
    let entries = 0;
    for (const event of events(stored)) {
      dispatch.apply(fresh, Event.parse(event));
      entries += 1;
    }
    const tables = projections.flatMap(({ tables: ddl }) => tablesOf(ddl)).map((table) => compare(table, fresh, stored));
    return { entries, tables, identical: tables.every(({ missing, surplus }) => missing === 0 && surplus === 0) };
  } finally {
    stored.raw.close();
    fresh.raw.close();
  }
}

/** Both sides in the same order, walked side by side like two sorted card decks. */
function compare(table: string, fresh: Db, stored: Db): RebuildReport['tables'][number] {
  const columns = fresh.all<{ name: string }>(`SELECT name FROM pragma_table_info('${table}') ORDER BY cid`).map(({ name }) => `"${name}"`);
  const select = `SELECT json_array(${columns.map(asJson).join(', ')}) AS row FROM "${table}" ORDER BY row`;
  const left = fresh.iterate<{ row: string }>(select);
  const right = stored.iterate<{ row: string }>(select);
  const counts = { table, rows: 0, missing: 0, surplus: 0 };
  let a = left.next();
  let b = right.next();
  while (a.done !== true || b.done !== true) {
    const order = a.done === true ? 1 : b.done === true ? -1 : Buffer.compare(Buffer.from(a.value.row), Buffer.from(b.value.row));
    if (order <= 0) counts.rows += 1;
    if (order < 0) counts.missing += 1;
    if (order > 0) counts.surplus += 1;
    if (order <= 0) a = left.next();
    if (order >= 0) b = right.next();
  }
  return counts;
}

/** Types kept apart, and BLOBs, which JSON has not. */
const asJson = (column: string): string => `typeof(${column}), CASE typeof(${column}) WHEN 'blob' THEN hex(${column}) WHEN 'real' THEN format('%!.17g', ${column}) ELSE ${column} END`;
