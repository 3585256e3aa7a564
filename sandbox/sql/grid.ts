/**
 * How finely a column may be grouped by and filtered on: the policy's dimension of a column in the form that the vetter
 * reads. `free`: every value is a cell of the grid. `none`: the column is no dimension.
 */
import type { Dimension } from '#contract/policy.ts';

export type Grid =
  | { readonly kind: 'free' }
  | { readonly kind: 'none' }
  /** Levels of a hierarchy that are columns of their own; the column itself is not one of them. */
  | { readonly kind: 'levels'; readonly levels: readonly string[] }
  /** Ascending; each band is closed below. */
  | { readonly kind: 'bands'; readonly edges: readonly string[] }
  /** Parts of a date or timestamp, coarsest first. */
  | { readonly kind: 'time'; readonly levels: readonly TimeLevel[] }
  /** Only these values; all others are one cell. */
  | { readonly kind: 'categories'; readonly values: readonly string[] };

export const TIME_LEVELS = ['year', 'quarter', 'month', 'week', 'day', 'hour'] as const;
export type TimeLevel = (typeof TIME_LEVELS)[number];

/** @param type of the column, as the engine names it: only dates and timestamps have levels of time */
export function gridOf(column: string, type: string, dimension: Dimension | null): Grid {
  if (dimension === null) return { kind: 'none' };
  if ('categories' in dimension) return dimension.categories === 'all' ? { kind: 'free' } : { kind: 'categories', values: dimension.categories };
  if ('bands' in dimension) return { kind: 'bands', edges: dimension.bands.map(String) };
  if (dimension.levels.includes(column)) return { kind: 'free' };
  const time = type === 'DATE' || type.startsWith('TIMESTAMP') ? TIME_LEVELS.filter((level) => dimension.levels.includes(level)) : [];
  return time.length > 0 ? { kind: 'time', levels: time } : { kind: 'levels', levels: dimension.levels };
}
