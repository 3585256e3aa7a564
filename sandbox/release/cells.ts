/**
 * What crosses from a gate to the release: cells with the evidence computed beside them. One cell is one group of one
 * gate. Nothing here is released; `release.ts` decides, `released-table.ts` mints what leaves.
 */
import type { ResultType, Value } from '#contract/table.ts';
import type { GatePlace } from './place.ts';
import type { Extremes } from '#sandbox/sdc/leverage.ts';
import type { Degree } from '#sandbox/sdc/remainder.ts';
import type { Moment } from './moments.ts';

/** A group key of the gate. `public`: its values come from a declared domain or a public table, so all of them come back. */
export interface KeyColumn {
  readonly name: string;
  readonly type: ResultType;
  readonly public: boolean;
  /** Canonical text of the key's expression (`city.residents.district`): keys of several gates with the same text are the same dimension. */
  readonly of?: string;
  /** It tells something that must not be learnt about a unit (`classes.ts`). */
  readonly sensitive?: true;
}

/**
 * A family of cells with its own contributors: what is counted or added up, under which conditions.
 * Every CASE branch, FILTER and boolean has a measure of its own (`release.md`: every branch is its own cell).
 */
export interface Measure {
  readonly id: number;
  /** `rows`: each row counts one. `column`: the column's value in units of 10^-scale. */
  readonly of: { readonly kind: 'rows' } | { readonly kind: 'column'; readonly column: string; readonly scale: number };
  /** Canonical texts of what the branch asks of a row, all of it, in a fixed order; empty where the measure covers every row of the gate. */
  readonly conditions: readonly string[];
  /** Which of these rows lack a value of the column: none, by declaration; those whose stored value is missing. Left out: whoever asks computes which. */
  readonly missing?: 'none' | 'as-stored';
  /** Dominance applies to magnitudes: values, and rows of which a unit may have many. A count of units is none. */
  readonly magnitude: boolean;
  /** 2 where squares or products of two columns are added up; left out: the values themselves. */
  readonly degree?: Degree;
  /**
   * By unit kind: what one unit can contribute to one cell at most, proved from declared facts (rows per unit times the
   * fan-out of joins; Σ|x| in units of 10^-scale, null where the column declares no range). Rounding needs it.
   */
  readonly bound?: Readonly<Record<string, ContributionBound>>;
  /** Values are whole numbers of units of 10^-scale as they are: what a unit adds can be told from any other amount. For the ledger. */
  readonly unrounded?: true;
  /** Of values that aggregates below the gate have made of a column's: that column, null where they are numbers of rows. For the ledger. */
  readonly base?: string | null;
  /** Stored columns that decide whether a row counts, as far as it has to have a value. For the ledger. */
  readonly valuesOf?: readonly string[];
  /** Declared bounds of one value, in units of 10^-scale: everybody knows that a total of n values lies within n times these. */
  readonly range?: { readonly min: bigint; readonly max: bigint };
  /** Where keys or conditions are sensitive: the measure that counts the rows of its cell, and its place in `ClassCell.units`. */
  readonly class?: { readonly part: number; readonly whole: number };
}

export interface ContributionBound {
  readonly rows: bigint;
  readonly total: bigint | null;
}

/** A value column of the gate's released table, computed from cells: exact until the last division. */
export type Output =
  | { readonly name: string; readonly type: ResultType; readonly statistic: 'count'; readonly measure: number }
  | { readonly name: string; readonly type: ResultType; readonly statistic: 'count-units'; readonly unit: string; readonly measure: number }
  /** Σ coefficient·measure; coefficients are exact decimals as text. NULL where no row had a value. `mayMiss`: of an average, whether rows may have none (`missing-values.ts`). */
  | { readonly name: string; readonly type: ResultType; readonly statistic: 'sum' | 'avg'; readonly terms: readonly Term[]; readonly count: number; readonly mayMiss?: true }
  /** From sums, squares and products (`moments.ts`), each a measure; null where the statistic is of one column. `n` counts the rows, or else `y` does. */
  | { readonly name: string; readonly type: 'DOUBLE'; readonly statistic: 'moment'; readonly of: Moment; readonly n?: number; readonly mayMiss?: true; readonly y: number; readonly yy: number; readonly x: number | null; readonly xx: number | null; readonly xy: number | null };

export interface Term {
  readonly coefficient: string;
  readonly measure: number;
}

export interface Rest {
  readonly whole: number;
  readonly part: number;
  readonly rest: number;
}

export interface GateSpec {
  readonly id: number;
  /** Policy rules of every dataset here apply; the stricter wins. */
  readonly datasets: readonly string[];
  /** Unit kinds the gate touches, in a fixed order; at least one. */
  readonly kinds: readonly string[];
  /** Columns used, as `dataset.table.column`, for overrides and the ledger. */
  readonly columns: readonly string[];
  readonly keys: readonly KeyColumn[];
  readonly measures: readonly Measure[];
  readonly outputs: readonly Output[];
  /** Rests of wholes (`complements.ts`) that stand under dominance: measures of their own, which nothing shows. All three by id. */
  readonly rests?: readonly Rest[];
  /**
   * Canonical text of the protected rows with their joins and filters, without joins that leave them as they are. Gates of a job with the same text are tables over
   * the same rows: their cells add up to each other, which secondary suppression and controlled rounding have to know.
   */
  readonly relation?: string;
  /** Each row is a window of units, the last key its position: the lowest values, the levels (decimal text), the highest. */
  readonly windows?: { readonly levels: readonly string[]; readonly lowest: boolean; readonly highest: boolean };
}

/** A public fact: each value of the finer dimension lies in one of the coarser (a level of a hierarchy, a band). Named by `KeyColumn.of`. */
export interface Coarsening {
  readonly fine: string;
  readonly coarse: string;
  readonly map: readonly (readonly [Value, Value])[];
}

/** Exact, or a proved lower bound (certification, `gate.md` cost): a bound is only ever used to pass a rule. */
export type Units = { readonly exact: bigint } | { readonly atLeast: bigint };

/** Largest unit totals first, as many as the strictest dominance rule looks at (plus one); in units of 10^-scale. */
export type Concentration =
  | { readonly absoluteTotal: bigint; readonly largest: readonly bigint[] }
  | { readonly certified: true };

export interface Evidence {
  /** Rows with a non-null value. */
  readonly count: bigint;
  /** Net total in units of 10^-scale; the count again for `rows`. */
  readonly sum: bigint;
  /** Distinct units with a non-null value, by unit kind. */
  readonly units: Readonly<Record<string, Units>>;
  /** By unit kind, on unit totals of |x|. Absent where no dominance rule applies. */
  readonly concentration: Readonly<Record<string, Concentration>>;
  /** By unit kind, in units of 10^-scale: of a column of a fit. */
  readonly extremes?: Readonly<Record<string, Extremes>>;
  /** Σ of the record keys of the distinct contributing units, modulo 2^32, by unit kind. Absent unless the mechanism needs it. */
  readonly cellKey?: Readonly<Record<string, number>>;
}

export interface Cell {
  readonly keys: readonly Value[];
  /** By measure, in the order of `GateSpec.measures`. */
  readonly evidence: readonly Evidence[];
  /** Of a window of units (`windows.ts`): the whole group, whether it may be named, the size of the window (null: it has none), and the clause that leaves it without one. */
  readonly window?: { readonly group: readonly Evidence[]; readonly named: boolean; readonly size: number | null; readonly because: string | null };
}

/** A group by the keys that are not sensitive: distinct units by kind, whatever their sensitive attributes are. */
export interface ClassCell {
  readonly keys: readonly Value[];
  readonly units: readonly Readonly<Record<string, Units>>[];
}

/** `universe`: every combination of public keys that the query's own filters leave, or null where a key is not public. */
export interface GateCells {
  readonly spec: GateSpec;
  readonly cells: readonly Cell[];
  readonly universe: readonly (readonly Value[])[] | null;
  /** Absent where nothing that the gate asks for is sensitive. */
  readonly classes?: readonly ClassCell[];
  /** Where the cells lie among those of other gates of the job; without it `GateSpec.relation` and `KeyColumn.of` tell. */
  readonly place?: GatePlace;
  /** Between dimensions of this gate and those of others of the job, where `place` does not say. */
  readonly coarsenings?: readonly Coarsening[];
}
