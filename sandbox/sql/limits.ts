/**
 * Caps on one query. They bound what parsing, vetting, planning and the engine's own planner may cost, whatever the text
 * says; each is refused with a code of its own. Gates and result cells are capped by the job's limits instead.
 */
export interface Caps {
  /** Bytes of UTF-8. */
  readonly textBytes: number;
  /** Block comments, and signs (+, -) in a row: the parser's time grows with the square and the cube of these. */
  readonly comments: number;
  readonly signs: number;
  /** Objects in the syntax tree. */
  readonly nodes: number;
  /** Expressions inside one another. */
  readonly depth: number;
  /** Queries inside one another: derived tables, CTEs and subqueries. */
  readonly nesting: number;
  /** Tables over the whole query, after every use of a CTE is counted. */
  readonly joins: number;
  /** Tables that are joined with one another (`join-width.ts`). */
  readonly joined: number;
  readonly ctes: number;
  readonly setOperations: number;
  readonly subqueries: number;
  /** Columns of any one relation. */
  readonly columns: number;
  /** Grouping sets of one GROUP BY. */
  readonly groupingSets: number;
  /** Rows × columns of all VALUES lists. */
  readonly values: number;
}

export const CAPS: Caps = {
  textBytes: 32_768,
  comments: 100,
  signs: 32,
  nodes: 20_000,
  depth: 60,
  nesting: 24,
  joins: 96,
  joined: 32,
  ctes: 32,
  setOperations: 32,
  subqueries: 64,
  columns: 1_000,
  groupingSets: 64,
  values: 5_000,
};
