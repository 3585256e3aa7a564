/**
 * Withheld values in formats that have no place for marks: a companion column `__withheld` names the withheld columns of each
 * row as a JSON array (`["income"]`), and is NULL where nothing is withheld. No value stands for "withheld".
 */
import type { ResultTable } from '#contract/table.ts';

/** No result column has this name: plain names do not start with two underscores. */
export const COMPANION = '__withheld';

export function withCompanion(table: ResultTable): ResultTable {
  const byRow = Map.groupBy(table.withheld, ([row]) => row);
  return {
    columns: [...table.columns, { name: COMPANION, type: 'VARCHAR' }],
    rows: table.rows.map((row, i) => {
      const names = byRow.get(i)?.map(([, column]) => column).sort((a, b) => a - b).map((column) => table.columns[column]?.name ?? '');
      return [...row, names === undefined ? null : JSON.stringify(names)];
    }),
    withheld: table.withheld,
  };
}
