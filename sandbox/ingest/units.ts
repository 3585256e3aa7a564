/** Dense keys, pseudonyms and record keys for the units of each kind, over all tables of a dataset. */
import { hmacSql, uint127Sql, uint32Sql } from '../deidentify/keyed-hash.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import type { IngestEngine } from '../engine/ingest-engine.ts';
import { unitNamespace } from '../deidentify/pseudonym.ts';
import { ROW_PSEUDONYM, ROW_RECORD_KEY, identityColumn, type KeyedTable } from './keyed.ts';

/** How the final rows of a table get one kind's columns. */
export interface UnitColumns {
  readonly kind: string;
  readonly join: string;
  readonly unit: string;
  readonly pseudonym: string;
  readonly recordKey: string;
  /** What to sort by for the order of unit keys. */
  readonly order: string;
}

export interface UnitKeys {
  readonly pseudonym: Uint8Array;
  readonly record: Uint8Array;
}

/**
 * A unit's dense key is its rank by pseudonym: the same in every table of the dataset, and independent of the files' order.
 * Returns what each table needs, by table name; creates an engine table for each kind that needs one.
 */
export async function assignUnits(engine: IngestEngine, tables: readonly KeyedTable[], keys: UnitKeys): Promise<ReadonlyMap<string, readonly UnitColumns[]>> {
  const kinds = [...new Set(tables.flatMap(({ plan }) => plan.units.map(({ kind }) => kind)))].sort();
  const columns = new Map<string, UnitColumns[]>(tables.map(({ plan }) => [plan.name, []]));
  for (const [i, kind] of kinds.entries()) {
    const members = tables.filter(({ plan }) => plan.units.some((path) => path.kind === kind));
    const eachRowIsOne = members.every(({ plan }) => plan.units.some((path) => path.kind === kind && path.by === 'row'));
    const found = eachRowIsOne ? await rowUnits(engine, kind, members) : await namedUnits(engine, kind, members, keys, `units_${i}`);
    for (const [table, entry] of found) columns.get(table)?.push(entry);
  }
  return columns;
}

/** Every row of every table is a unit: its rank within its table, after the rows of the tables before. No join is needed. */
async function rowUnits(engine: IngestEngine, kind: string, members: readonly KeyedTable[]): Promise<[string, UnitColumns][]> {
  const found: [string, UnitColumns][] = [];
  let before = 0;
  for (const { plan, name } of [...members].sort((a, b) => (a.plan.name < b.plan.name ? -1 : 1))) {
    found.push([plan.name, {
      kind, join: '', unit: `${before} + row_number() OVER (ORDER BY k.${ROW_PSEUDONYM}) - 1`,
      pseudonym: `k.${ROW_PSEUDONYM}`, recordKey: `k.${ROW_RECORD_KEY}`, order: `k.${ROW_PSEUDONYM}`,
    }]);
    before += await engine.count(`SELECT count(*) FROM ${name}`);
  }
  return found;
}

async function namedUnits(engine: IngestEngine, kind: string, members: readonly KeyedTable[], keys: UnitKeys, table: string): Promise<[string, UnitColumns][]> {
  const identity = identityColumn(kind);
  const message = `${unitNamespace(kind)} || id`;
  const named = members.filter(({ plan }) => !plan.units.some((path) => path.kind === kind && path.by === 'row'));
  const rows = members.filter((member) => !named.includes(member));
  const parts = [
    // Distinct identities first: the hash is the expensive part. Identities that lead to a row unit are not hashed again.
    `SELECT id, ${uint127Sql('p', 0)} AS pseudonym, ${uint32Sql('r', 0)} AS record_key FROM (SELECT id, ${hmacSql(keys.pseudonym, message)} AS p, ${hmacSql(keys.record, message)} AS r FROM (`
      + `${named.map(({ name }) => `SELECT ${identity} AS id FROM ${name}`).join(' UNION ')})${rows.length === 0 ? '' : ` WHERE id NOT IN (${rows.map(({ name }) => `SELECT ${identity} FROM ${name}`).join(' UNION ALL ')})`})`,
    ...rows.map(({ name }) => `SELECT ${identity}, ${ROW_PSEUDONYM}, ${ROW_RECORD_KEY} FROM ${name}`),
  ];
  await engine.run(`CREATE TABLE ${table} AS SELECT id, pseudonym, record_key, row_number() OVER (ORDER BY pseudonym) - 1 AS unit FROM (${parts.join(' UNION ALL ')})`);
  return members.map(({ plan }): [string, UnitColumns] => {
    const alias = quoteIdentifier(`u_${kind}`);
    return [plan.name, {
      kind, join: `JOIN ${table} ${alias} ON ${alias}.id = k.${identity}`, unit: `${alias}.unit`,
      pseudonym: `${alias}.pseudonym`, recordKey: `${alias}.record_key`, order: `${alias}.unit`,
    }];
  });
}
