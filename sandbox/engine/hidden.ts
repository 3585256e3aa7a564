/**
 * Units whose rows do not exist for whoever reads the data. Where a table has rows of such a unit, its file is attached under another name, and a
 * view takes its place that leaves them out; every query then reads the view without being written otherwise. Other tables stay as they are.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { digestOf, type Digest } from '#contract/canonical.ts';
import { quoteIdentifier, quoteText } from './identifier.ts';
import type { AttachedTable } from './instance.ts';
import { loadReleased } from './load-released.ts';

/** Pseudonyms by kind of unit. */
export type Units = ReadonlyMap<string, ReadonlySet<bigint>>;

const LISTED = '__listed';
const PSEUDONYM = '__pseudonym_';

/** Of every dataset in which units are hidden: a digest of which, so that two states of the data can be told apart. */
export type HiddenFrom = ReadonlyMap<string, Digest>;

/**
 * To be called after the tables are attached and before the instance is locked. A table's units are found by its columns `__pseudonym_<kind>`; within a
 * dataset `__unit_<kind>` stands for the same unit in every table.
 */
export async function hideUnits(connection: DuckDBConnection, tables: readonly AttachedTable[], units: Units): Promise<HiddenFrom> {
  const hiding = new Map<AttachedTable, string[]>();
  const digests = new Map<string, Record<string, string>>();
  let hidden = 0;
  for (const [kind, pseudonyms] of units) {
    const columns = [{ name: 'pseudonym', type: 'HUGEINT' }];
    await loadReleased(connection, LISTED, columns, [...pseudonyms].map((pseudonym) => [pseudonym.toString()]));
    for (const [dataset, members] of Map.groupBy(await tablesWith(connection, tables, kind), (table) => table.dataset)) {
      const name = `memory.main.${quoteIdentifier(`hidden ${hidden++}`)}`;
      const found = members.map(({ catalog }) => `SELECT DISTINCT ${quoteIdentifier(`__unit_${kind}`)} AS unit, ${quoteIdentifier(`${PSEUDONYM}${kind}`)} AS pseudonym FROM ${rowsOf(catalog)} `
        + `SEMI JOIN temp.main.${LISTED} ON ${quoteIdentifier(`${PSEUDONYM}${kind}`)} = ${LISTED}.pseudonym`);
      await connection.run(`CREATE TABLE ${name} AS ${found.join(' UNION ')}`);
      const [[digest] = []] = (await connection.runAndReadAll(`SELECT sha256(string_agg(CAST(pseudonym AS VARCHAR), ' ' ORDER BY pseudonym)) FROM ${name}`)).getRows();
      if (typeof digest !== 'string') continue;
      digests.set(dataset, { ...digests.get(dataset), [kind]: digest });
      for (const table of members) hiding.set(table, [...hiding.get(table) ?? [], `ANTI JOIN ${name} h${hidden} ON h${hidden}.unit = r.${quoteIdentifier(`__unit_${kind}`)}`]);
    }
    await connection.run(`DROP TABLE temp.main.${LISTED}`);
  }
  for (const [{ catalog, file }, joins] of hiding) {
    const whole = `whole ${catalog}`;
    await connection.run(`DETACH ${quoteIdentifier(catalog)}`);
    await connection.run(`ATTACH ${quoteText(file)} AS ${quoteIdentifier(whole)} (READ_ONLY)`);
    await connection.run(`ATTACH ':memory:' AS ${quoteIdentifier(catalog)}`);
    await connection.run(`CREATE VIEW ${rowsOf(catalog)} AS SELECT r.* FROM ${rowsOf(whole)} r ${joins.join(' ')}`);
  }
  return new Map([...digests].map(([dataset, byKind]) => [dataset, digestOf(byKind)]));
}

const rowsOf = (catalog: string): string => `${quoteIdentifier(catalog)}.main."rows"`;

async function tablesWith(connection: DuckDBConnection, tables: readonly AttachedTable[], kind: string): Promise<readonly AttachedTable[]> {
  const found = await connection.runAndReadAll(`SELECT database_name FROM duckdb_columns() WHERE table_name = 'rows' AND column_name = ${quoteText(`${PSEUDONYM}${kind}`)}`);
  const names = new Set(found.getRows().map(([name]) => name));
  return tables.filter(({ catalog }) => names.has(catalog));
}
