/** Runs a query the whole way in one process: compile, cells, release, rest. Parsing as a worker does it. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PinnedDataset } from '#contract/job.ts';
import type { Refusal } from '#contract/refusal.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { ResultTable } from '#contract/table.ts';
import { executeSelect } from '#sandbox/engine/execute.ts';
import { loadReleased } from '#sandbox/engine/load-released.ts';
import { toWire } from '#sandbox/engine/value.ts';
import { release } from '#sandbox/release/release.ts';
import { shownColumns } from '#sandbox/jobs/rest.ts';
import { ReleasedResult, type ReleasedTable } from '#sandbox/release/released-table.ts';
import { cellsOf } from '#sandbox/sql/cells.ts';
import { compile, type CompiledQuery, type EmptyEngine } from '#sandbox/sql/compile.ts';
import { gateTable, unprovedClassesTable, unprovedTable } from '#sandbox/sql/gate-table.ts';
import { allColumns } from './tables.ts';

export const LIMITS = { resultCells: 1_000_000, gates: 50 };

export async function parseOn(connection: DuckDBConnection, sql: string): Promise<string | null> {
  const prepared = await connection.prepare('SELECT json_serialize_sql($1::varchar)');
  prepared.bindVarchar(1, sql);
  const tree = (await prepared.runAndReadAll()).getRows()[0]?.[0];
  prepared.destroySync();
  return typeof tree === 'string' ? tree : null;
}

export const emptyEngine = (connection: DuckDBConnection): EmptyEngine => ({
  parse: (sql) => parseOn(connection, sql),
  computes: (sql) => connection.run(sql).then(() => true, () => false),
});

export async function compileOn(connection: DuckDBConnection, datasets: readonly PinnedDataset[], text: string, columns = allColumns(datasets.map(({ manifest }) => manifest))): Promise<Result<CompiledQuery, readonly Refusal[]>> {
  const compiled = await compile({ text, datasets, columns, limits: LIMITS, engine: emptyEngine(connection) });
  return compiled.ok ? compiled : err(compiled.error.refusals);
}

export async function throughGate(connection: DuckDBConnection, datasets: readonly PinnedDataset[], text: string): Promise<Result<ResultTable, readonly Refusal[]>> {
  const compiled = await compileOn(connection, datasets, text);
  if (!compiled.ok) return compiled;
  return ok(await runCompiled(connection, datasets, compiled.value));
}

export async function runCompiled(connection: DuckDBConnection, datasets: readonly PinnedDataset[], compiled: CompiledQuery): Promise<ResultTable> {
  try {
    return await runAll(connection, datasets, compiled);
  } finally {
    for (const name of ['__staging', ...compiled.gates.flatMap(({ spec }) => [gateTable(spec.id), unprovedTable(spec.id), unprovedClassesTable(spec.id)])]) await connection.run(`DROP TABLE IF EXISTS temp.main.${name}`);
  }
}

async function runAll(connection: DuckDBConnection, datasets: readonly PinnedDataset[], { gates, rest }: CompiledQuery): Promise<ResultTable> {
  const tables: ReleasedTable[] = [];
  // There is one connection: what a worker asks at the same time is asked one after the other.
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = (sql: string): ReturnType<typeof must> => {
    const answer = before.then(() => must(connection, sql, 'a gate'));
    before = answer.catch(() => null);
    return answer;
  };
  for (const gate of gates) {
    // Witnesses are asked however few rows there are.
    const found = await cellsOf(gate, {
      query: inTurn,
      aside: inTurn,
      load: (table, columns, rows) => loadReleased(connection, table, columns, rows),
      drop: async (table) => { await connection.run(`DROP TABLE temp.main.${table}`); },
    }, 0n);
    const universe = gate.universe === null ? (gate.spec.keys.length > 0 && gate.spec.keys.every((key) => key.public) ? [] : null) : (await must(connection, gate.universe, 'a gate')).map((row) => row.map(toWire));
    const released = release([{ spec: gate.spec, ...found, universe }], datasets);
    if (!released.ok) throw new Error(`the release refuses: ${released.error.map(({ code }) => code).join(', ')}`);
    const [table] = released.value.tables;
    if (table === undefined) throw new Error('a gate has a table');
    await loadReleased(connection, gateTable(gate.spec.id), table.load.columns, table.load.rows);
    tables.push(table);
  }
  const answer = await execute(connection, rest.sql, 'the rest');
  // A job shows them without asking: it must be the same.
  if (rest.shows !== null) {
    const shown = shownColumns(rest.shows, tables, 1_000_000);
    const canonical = (rows: readonly (readonly unknown[])[]): string => JSON.stringify(rows.map((row) => JSON.stringify(row)).sort());
    if (!shown.ok || canonical(shown.value.rows) !== canonical(answer.rows.map((row) => row.map(toWire)))) throw new Error('what is shown is not what the rest computes' + (shown.ok ? canonical(shown.value.rows).slice(0, 600) : '') + ' //// ' + canonical(answer.rows.map((row) => row.map(toWire))).slice(0, 600));
  }
  // As a job does: the types are the engine's.
  const columns = rest.columns.map((column, c) => ({ ...column, type: answer.columns[c]?.type ?? column.type }));
  return ReleasedResult.of(tables, { columns, rows: answer.rows.map((row) => row.map(toWire)), ordered: rest.ordered }).table;
}

/** The engine failed. Below the gate that is one bit about raw rows, whatever the query; above it, the query's own fault. */
export class EngineFails extends Error {
  readonly where: 'a gate' | 'the rest';

  constructor(where: 'a gate' | 'the rest', why: string) {
    super(`${where} fails: ${why}`);
    this.where = where;
  }
}

const must = async (connection: DuckDBConnection, sql: string, where: EngineFails['where']) => (await execute(connection, sql, where)).rows;

async function execute(connection: DuckDBConnection, sql: string, where: EngineFails['where']) {
  const read = await executeSelect(connection, sql, { rows: 1_000_000 });
  if (read.ok) return read.value;
  // Only here, where the data are the test's own.
  const why = await connection.run(sql).then(() => read.error.code, (error: Error) => error.message);
  throw new EngineFails(where, `${why}\n${sql}`);
}
