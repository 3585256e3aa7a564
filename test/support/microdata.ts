/** Gates from plain rows: groups them and computes all evidence the slow way. */
import type { Value } from '#contract/table.ts';
import type { Coarsening, Evidence, GateCells, KeyColumn, Measure, Output } from '#sandbox/release/cells.ts';

export type Row = Readonly<Record<string, string>>;

export interface TableOptions {
  readonly id: number;
  /** Columns to group by. */
  readonly by: readonly string[];
  /** Column of unit ids; left out: each row is a unit. */
  readonly unit?: string;
  /** Column of record keys: then every measure has its cell key. */
  readonly recordKey?: string;
  /** Column to add up, and its decimals; left out: rows are counted only. */
  readonly sum?: string;
  readonly scale?: number;
  /** Declared maximum of that column, in units of 10^-scale. */
  readonly largest?: bigint;
  readonly outputs?: readonly Output[];
  readonly coarsenings?: readonly Coarsening[];
  readonly relation?: string;
  /** Whether all combinations of observed values come back. */
  readonly complete?: boolean;
}

export const KIND = 'unit';
export const N: Output = { name: 'n', type: 'BIGINT', statistic: 'count', measure: 0 };

export function table(rows: readonly Row[], options: TableOptions): GateCells {
  const scale = options.scale ?? 0;
  const measures: Measure[] = [{ id: 0, of: { kind: 'rows' }, conditions: [], magnitude: false, bound: { [KIND]: { rows: 1n, total: 1n } } }];
  if (options.sum !== undefined) measures.push({ id: 1, of: { kind: 'column', column: `data.t.${options.sum}`, scale }, conditions: [], magnitude: true, ...(options.largest === undefined ? {} : { bound: { [KIND]: { rows: 1n, total: options.largest } } }) });
  const sum: Output = { name: 's', type: 'DOUBLE', statistic: 'sum', terms: [{ coefficient: '1', measure: 1 }], count: 1 };
  const keys: KeyColumn[] = options.by.map((name) => ({ name, type: 'VARCHAR', public: options.complete ?? true, of: name }));
  const groups = Map.groupBy(rows, (row) => JSON.stringify(options.by.map((name) => row[name])));
  return {
    spec: {
      id: options.id, datasets: ['data'], kinds: [KIND], columns: [], keys, measures,
      outputs: options.outputs ?? (options.sum === undefined ? [N] : [sum]), relation: options.relation ?? 'all',
    },
    cells: [...groups].map(([key, group]) => ({
      keys: JSON.parse(key) as Value[],
      evidence: [evidenceOf(group, options, null, 0), ...(options.sum === undefined ? [] : [evidenceOf(group, options, options.sum, scale)])],
    })),
    universe: options.complete === false ? null : combinations(options.by.map((name) => [...new Set(rows.map((row) => row[name] ?? ''))])),
    ...(options.coarsenings === undefined ? {} : { coarsenings: options.coarsenings }),
  };
}

/** A level of a hierarchy that is itself a column of the rows. */
export function coarsening(rows: readonly Row[], fine: string, coarse: string): Coarsening {
  return { fine, coarse, map: [...new Map(rows.map((row) => [row[fine] ?? '', row[coarse] ?? '']))] };
}

function evidenceOf(rows: readonly Row[], { unit, recordKey }: TableOptions, column: string | null, scale: number): Evidence {
  const totals = new Map<string, bigint>();
  const keys = new Map<string, number>();
  let count = 0n;
  let sum = 0n;
  for (const [i, row] of rows.entries()) {
    const text = column === null ? '1' : row[column] ?? '';
    if (text === '') continue;
    const value = toUnits(text, scale);
    const id = unit === undefined ? String(i) : row[unit] ?? '';
    count += 1n;
    sum += value;
    keys.set(id, recordKey === undefined ? 0 : Number(row[recordKey]));
    totals.set(id, (totals.get(id) ?? 0n) + (value < 0n ? -value : value));
  }
  const largest = [...totals.values()].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return {
    count, sum, units: { [KIND]: { exact: BigInt(totals.size) } },
    concentration: { [KIND]: { absoluteTotal: largest.reduce((a, b) => a + b, 0n), largest: largest.slice(0, 6) } },
    ...(recordKey === undefined ? {} : { cellKey: { [KIND]: keys.values().reduce((sum, key) => (sum + key) % 2 ** 32, 0) } }),
  };
}

function toUnits(text: string, scale: number): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  const units = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
  return sign === '-' ? -units : units;
}

function combinations(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lists.reduce<readonly (readonly string[])[]>((rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])), [[]]);
}
