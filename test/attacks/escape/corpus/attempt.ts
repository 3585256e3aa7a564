/**
 * One attempt to get out of the cage. `wins`: what its success would look like. Placeholders {snapshot}, {keys} and {home}
 * stand for directories of the domain under attack. `harmless`: why the text may also be answered with a release; the answer
 * is searched all the same. `wallMs`: for bombs, how long they may burn.
 */
export interface Attempt {
  readonly id: string;
  readonly class: string;
  readonly sql: string;
  readonly wins: string;
  readonly harmless?: string;
  readonly wallMs?: number;
}

/** [sql, what success would look like, why a release does no harm (left out: it must not be released)] */
export type Row = readonly [sql: string, wins: string, harmless?: string];

export const attempts = (name: string, rows: readonly Row[]): Attempt[] => rows.map(([sql, wins, harmless], i) => ({
  id: `${name}-${String(i + 1).padStart(2, '0')}`, class: name, sql, wins, ...(harmless !== undefined && { harmless }),
}));
