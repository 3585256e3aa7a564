/** The engine of an ingest worker: it reads the agency's files and writes a snapshot. It never runs an operator's SQL. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { join } from 'node:path';
import { quoteIdentifier, quoteText } from './identifier.ts';
import { MEANING_STATEMENTS, openOptions, type InstanceLimits } from './settings.ts';

export type IngestValue = null | boolean | number | bigint | string | readonly IngestValue[];

export class IngestEngine {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #threads: number;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, threads: number) {
    this.#instance = instance;
    this.#connection = connection;
    this.#threads = threads;
  }

  /**
   * @param source directory that may be read
   * @param work private directory that may be written; large loads spill below it, so it holds raw data until it is removed
   * @param staging where tables are kept while they are checked: `disk` is compressed, so that a load may be larger than memory
   */
  static async open(limits: InstanceLimits, source: string, work: string, staging: 'memory' | 'disk'): Promise<IngestEngine> {
    const instance = await DuckDBInstance.create(':memory:', {
      ...openOptions(limits), temp_directory: join(work, 'spill'), max_temp_directory_size: '500GB',
    });
    const connection = await instance.connect();
    for (const statement of MEANING_STATEMENTS) await connection.run(statement);
    await connection.run(`SET allowed_directories=[${quoteText(source)}, ${quoteText(work)}]`);
    await connection.run('SET enable_external_access=false');
    if (staging === 'disk') {
      await connection.run(`ATTACH ${quoteText(join(work, 'staging.duckdb'))} AS staging`);
      await connection.run('USE staging');
    }
    return new IngestEngine(instance, connection, limits.threads);
  }

  /** Throws what the engine throws: its text quotes data and must not leave the worker. */
  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  async rows(sql: string): Promise<readonly (readonly IngestValue[])[]> {
    const result = await this.#connection.runAndReadAll(sql);
    return result.getRowsJS() as IngestValue[][];
  }

  /** The only value of the only row. */
  async value(sql: string): Promise<IngestValue> {
    return (await this.rows(sql))[0]?.[0] ?? null;
  }

  async count(sql: string): Promise<number> {
    return Number(await this.value(sql));
  }

  /** Names and types of a Parquet file's columns, as DuckDB reads them. */
  async parquetColumns(file: string): Promise<readonly { readonly name: string; readonly type: string }[]> {
    const result = await this.#connection.runAndReadAll(`SELECT * FROM read_parquet(${quoteText(file)}) LIMIT 0`);
    return result.columnNames().map((name, i) => ({ name, type: result.columnType(i).toString() }));
  }

  /** Writes the rows of `select` in its order as table `rows` of a new DuckDB file, and again as canonical Parquet. */
  async writeTable(select: string, duckdb: string, parquet: string): Promise<void> {
    const catalog = quoteIdentifier('written');
    await this.run(`ATTACH ${quoteText(duckdb)} AS ${catalog}`);
    await this.run(`CREATE TABLE ${catalog}.main."rows" AS ${select}`);
    await this.run(`CHECKPOINT ${catalog}`);
    // One thread and fixed row groups: the same rows then give the same bytes on every machine.
    await this.run('SET threads=1');
    await this.run(`COPY ${catalog}.main."rows" TO ${quoteText(parquet)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)`);
    await this.run(`SET threads=${this.#threads}`);
    await this.run(`DETACH ${catalog}`);
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}
