/** Dense keys for the units of each kind, over all tables of a dataset. */
import { quoteIdentifier } from '../engine/identifier.ts';
import type { IngestEngine } from '../engine/ingest-engine.ts';
import { ROW_RECORD_KEY, pseudonymColumn, type KeyedTable } from './keyed.ts';

/** How the final rows of a table get one kind's columns; rows are a relation `k`. */
export interface UnitColumns {
  readonly kind: string;
  readonly join: string;
  readonly unit: string;
  readonly pseudonym: string;
  readonly recordKey: string;
}

/**
 * A unit's dense key is its rank by pseudonym: the same in every table of the dataset, and independent of the files' order.
 * Returns what each table needs, by table name; creates an engine table for each kind that needs one.
 */
export async function assignUnits(engine: IngestEngine, tables: readonly KeyedTable[]): Promise<ReadonlyMap<string, readonly UnitColumns[]>> {
  const kinds = [...new Set(tables.flatMap(({ plan }) => plan.units.map(({ kind }) => kind)))].sort();
  const columns = new Map<string, UnitColumns[]>(tables.map(({ plan }) => [plan.name, []]));
  for (const [i, kind] of kinds.entries()) {
    const members = tables.filter(({ plan }) => plan.units.some((path) => path.kind === kind));
    const eachRowIsOne = members.every((member) => isRowUnit(member, kind));
    const found = eachRowIsOne ? await rowUnits(engine, kind, members) : await sharedUnits(engine, kind, members, `units_${i}`);
    for (const [table, entry] of found) columns.get(table)?.push(entry);
  }
  return columns;
}

const isRowUnit = ({ plan }: KeyedTable, kind: string): boolean => plan.units.some((path) => path.kind === kind && path.by === 'row');

/** Every row of every table is a unit: its rank within its table, after the rows of the tables before. No join is needed. */
async function rowUnits(engine: IngestEngine, kind: string, members: readonly KeyedTable[]): Promise<[string, UnitColumns][]> {
  const found: [string, UnitColumns][] = [];
  let before = 0;
  for (const { plan, name } of [...members].sort((a, b) => (a.plan.name < b.plan.name ? -1 : 1))) {
    const pseudonym = `k.${pseudonymColumn(kind)}`;
    found.push([plan.name, { kind, join: '', unit: `${before} + row_number() OVER (ORDER BY ${pseudonym}) - 1`, pseudonym, recordKey: `k.${ROW_RECORD_KEY}` }]);
    before += await engine.count(`SELECT count(*) FROM ${name}`);
  }
  return found;
}

async function sharedUnits(engine: IngestEngine, kind: string, members: readonly KeyedTable[], table: string): Promise<[string, UnitColumns][]> {
  const parts = members.flatMap((member) => {
    const identities = member.identities.get(kind);
    if (identities !== undefined) return [`SELECT pseudonym, record_key FROM ${identities}`];
    // A table whose units are those of a parent's rows names none of its own.
    return isRowUnit(member, kind) ? [`SELECT ${pseudonymColumn(kind)} AS pseudonym, ${ROW_RECORD_KEY} AS record_key FROM ${member.name}`] : [];
  });
  await engine.run(`CREATE TABLE ${table} AS SELECT pseudonym, record_key, row_number() OVER (ORDER BY pseudonym) - 1 AS unit FROM (${parts.join(' UNION ')})`);
  return members.map(({ plan }): [string, UnitColumns] => {
    const alias = quoteIdentifier(`u_${kind}`);
    return [plan.name, { kind, join: `JOIN ${table} ${alias} ON ${alias}.pseudonym = k.${pseudonymColumn(kind)}`, unit: `${alias}.unit`, pseudonym: `${alias}.pseudonym`, recordKey: `${alias}.record_key` }];
  });
}
