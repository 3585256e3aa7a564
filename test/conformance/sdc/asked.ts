/** The cases as data of a trial: asked in SQL, through the whole path (ingest, gate, worker, release). */
import { join } from 'node:path';
import type { Answer, Made } from '../../attacks/release/trial.ts';
import { readCsv } from '../../support/csv.ts';

export type Row = Readonly<Record<string, string>>;

export const expectedRows = (file: string): readonly Row[] => readCsv(join(import.meta.dirname, 'expected', `${file}.csv`)).rows;

export interface CaseOptions {
  /** Types of the columns that are added up, and how far they reach; all others are keys. */
  readonly measures?: Readonly<Record<string, { readonly type: string; readonly min: string; readonly max: string }>>;
  readonly recordKey?: string;
  /** How often the file is repeated. */
  readonly times?: number;
  /** Coarser column of a key, which becomes a level of its hierarchy. */
  readonly levels?: Readonly<Record<string, string>>;
}

/** Each row is a unit. Columns with few values are declared with their domain, so that their keys are public. */
export function caseData(file: string, { measures = {}, recordKey, times = 1, levels = {} }: CaseOptions): Made {
  const { header, rows } = readCsv(join(import.meta.dirname, 'data', file));
  const kept = header.filter((name) => !Object.values(levels).includes(name));
  const column = (name: string) => {
    const measure = measures[name];
    if (measure !== undefined) return { ...measure, role: 'sensitive', nullable: rows.some((row) => row[name] === '') };
    if (name === recordKey) return { type: 'integer', role: 'plain', nullable: false };
    const values = [...new Set(rows.map((row) => row[name] ?? ''))];
    if (values.length > 50 || values.includes('')) return { type: 'varchar', role: 'plain', nullable: values.includes('') };
    return { type: 'varchar', role: 'quasi', domain: values.sort(), nullable: false, ...(levels[name] !== undefined && { hierarchy: `${name}.csv` }) };
  };
  const csv = (names: readonly string[], lines: readonly string[]) => `${names.join(',')}\n${lines.join('\n')}\n`;
  const lines = rows.map((row) => kept.map((name) => `"${row[name] ?? ''}"`.replace(/^""$/, '')).join(','));
  return {
    table: { file: 't.csv', units: 'row', columns: Object.fromEntries(kept.map((name) => [name, column(name)])), ...(recordKey !== undefined && { recordKey }) },
    files: {
      't.csv': csv(kept, Array.from({ length: times }, () => lines).flat()),
      ...Object.fromEntries(Object.entries(levels).map(([fine, coarse]) => [`${fine}.csv`, csv([fine, coarse], [...new Set(rows.map((row) => `${row[fine]},${row[coarse]}`))])])),
    },
  };
}

/** A released answer as its last column by the keys before it, `*` where a key is added up: null where withheld, empty where it has no value. */
export function cellsOf(answer: Answer | undefined): ReadonlyMap<string, string | null> {
  if (answer?.outcome !== 'released' || answer.rows === undefined) throw new Error(JSON.stringify(answer)?.slice(0, 1000));
  const marked = new Set((answer.withheld ?? []).map(([row]) => row));
  const cells = new Map(answer.rows.map((row, i) => {
    const value = row.at(-1) ?? null;
    if (marked.has(i) && value !== null) throw new Error('a value that is marked as withheld');
    return [keyOf(row.slice(0, -1)), marked.has(i) ? null : String(value ?? '')] as const;
  }));
  if (cells.size !== answer.rows.length) throw new Error('two rows of one key');
  return cells;
}

export const keyOf = (keys: readonly (string | number | null | undefined)[]): string => keys.map((key) => key ?? '*').join(' ');

export const withheldOf = (cells: ReadonlyMap<string, string | null>): readonly string[] => [...cells].flatMap(([key, value]) => (value === null ? [key] : [])).sort();
