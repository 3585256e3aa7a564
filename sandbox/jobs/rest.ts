/** What comes after the gates: computed from released tables in the scratch engine, or shown as it is. */
import type { Refusal } from '#contract/refusal.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { EngineFailure } from '../engine/execute.ts';
import type { ScratchResult, ScratchSession } from '../engine/scratch-engine.ts';
import type { Release } from '../release/release.ts';
import { ReleasedResult, type ReleasedTable } from '../release/released-table.ts';
import type { RestPlan } from '../sql/compile.ts';

/** What is refused here depends on released tables and the text of the query, so it may be told. */
export async function runRest(rest: RestPlan, releases: readonly Release[], resultCells: number, scratch: ScratchSession): Promise<Result<ReleasedResult, Refusal>> {
  // Flag columns are not part of the result.
  const width = Math.max(1, rest.columns.length);
  const flags = new Set(rest.columns.flatMap(({ flag }) => (flag === null ? [] : [flag])));
  const maxRows = Math.floor(resultCells / width);
  const tables = releases.flatMap((release) => release.tables);
  const read = rest.shows === null ? await scratch.query(rest.sql, maxRows * (width + flags.size)) : shownColumns(rest.shows, tables, maxRows);
  if (!read.ok) return restRefused(read.error, resultCells);
  const columns = rest.columns.map(({ name, flag }, c) => ({ name, type: read.value.columns[c]!.type, flag }));
  return ok(ReleasedResult.of(tables, { columns, rows: read.value.rows, ordered: rest.ordered }));
}

/** Columns of one released table, as the scratch engine would answer. */
export function shownColumns({ gate, columns }: NonNullable<RestPlan['shows']>, tables: readonly ReleasedTable[], maxRows: number): Result<ScratchResult, EngineFailure> {
  const load = tables.find((each) => each.gate === gate)?.load;
  const at = columns.map((name) => load?.columns.findIndex((column) => column.name === name) ?? -1);
  if (load === undefined || at.includes(-1)) throw new Error('the rest shows what was not released');
  if (load.rows.length > maxRows) return err({ code: 'engine/too-much' });
  return ok({ columns: at.map((i) => load.columns[i]!), rows: load.rows.map((row) => at.map((i) => row[i] ?? null)) });
}

/** Of the result, or of a released table on the way to it. */
export const tooManyCells = (resultCells: number): Refusal => ({
  code: 'cap/result-cells', position: null, clause: 'limits.resultCells',
  message: text(`The result has more than ${resultCells} cells (rows × columns).`, `结果超过 ${resultCells} 个单元格(行数 × 列数)。`),
  suggestion: text('Group more coarsely, or add a LIMIT.', '请使用更粗的分组,或加上 LIMIT。'),
});

function restRefused(failure: EngineFailure, resultCells: number): Result<never, Refusal> {
  switch (failure.code) {
    case 'engine/failed':
      throw new Error(failure.code);
    case 'engine/too-much':
      return err(tooManyCells(resultCells));
    case 'engine/result-type':
      return err({
        code: 'rest/result-type', position: null, clause: null,
        message: text(`Column ${failure.column + 1} of the result has a type that a result cannot have, such as a list.`, `结果的第 ${failure.column + 1} 列为列表等不能作为结果的类型。`),
        suggestion: text('Cast it to VARCHAR.', '请转换为 VARCHAR。'),
      });
  }
}
