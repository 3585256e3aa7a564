/**
 * Which quantiles and extremes of a value a policy offers as means of windows (`sdc/trimmed.ts`): those of columns that are measures and no
 * dimensions. A value that may be grouped by has its exact statistics instead, from the released table of its values. Where every column is a
 * dimension, the sensitive ones are measures: hardly any of their values would be told.
 */
import { QUANTILE_LEVELS, type Statistic, type Statistics } from '#contract/policy.ts';
import { positionsOf, type Positions } from '#sandbox/sdc/trimmed.ts';
import type { BindContext } from '../bind/context.ts';
import type { Bound } from '../expression.ts';
import type { AggregateCall, Column } from '../relation.ts';
import { isNumber } from '../types.ts';
import { storedColumns } from '../vet/uses.ts';

export interface Trimming {
  /** The column that is ranked. */
  readonly value: Bound;
  /** Decimal text, ascending; empty where no quantile is offered. */
  readonly levels: readonly string[];
  readonly lowest: boolean;
  readonly highest: boolean;
  readonly positions: Positions;
}

/** The statistic of the policy that a function is; null for others. */
export function trimmedStatistic({ fn, distinct }: AggregateCall): Extract<Statistic, 'min' | 'max' | 'quantile'> | null {
  switch (fn.name) {
    case 'min': case 'max': return fn.name;
    case 'median': case 'quantile_cont': case 'quantile_disc': case 'quantile': return distinct ? null : 'quantile';
    default: return null;
  }
}

/** @param released columns of released tables among the gate's rows */
export function trimmingOf(context: BindContext, arg: Bound, released: ReadonlySet<Column>): Trimming | null {
  const value = arg.kind === 'cast' && arg.type === 'DOUBLE' && isNumber(arg.arg.type) ? arg.arg : arg;
  if (value.kind !== 'column' || !isNumber(value.type)) return null;
  const offers = [...storedColumns(value, released)].map((column) => offerOf(context, column));
  const [first, ...others] = offers;
  if (first === undefined || first === null || others.some((other) => other === null || other.levels.join() !== first.levels.join())) return null;
  const has = (statistic: Statistic): boolean => offers.every((offer) => offer?.listed(statistic) === true);
  const levels = has('quantile') ? first.levels : [];
  const [lowest, highest] = [has('min'), has('max')];
  return levels.length === 0 && !lowest && !highest ? null : { value, levels, lowest, highest, positions: positionsOf(levels, lowest, highest) };
}

interface Offer {
  readonly levels: readonly string[];
  readonly listed: (statistic: Statistic) => boolean;
}

function offerOf({ catalog }: BindContext, { from }: Column): Offer | null {
  if (from.kind !== 'stored' || from.table.units.length === 0) return null;
  const statistics: Statistics | undefined = catalog.policies.get(from.table.dataset)?.statistics;
  if (statistics === undefined) return null;
  const isMeasure = from.column.sensitive && Object.values(statistics.units).some(({ min }) => min > 0);
  if (statistics.dimensions === 'any' ? !isMeasure : from.column.grid.kind === 'free') return null;
  const { measures } = statistics;
  const path = `${from.table.name}.${from.column.source.split('.').at(-1)}`;
  return { levels: statistics.quantileLevels ?? QUANTILE_LEVELS, listed: (statistic) => measures === 'any' || (Object.hasOwn(measures, path) && (measures[path]?.includes(statistic) ?? false)) };
}

/** Index of the position where the statistic stands; null where the policy has no window there. */
export function positionOf(call: AggregateCall, { levels, lowest, highest, positions }: Trimming): number | null {
  switch (call.fn.name) {
    case 'min': return lowest ? 0 : null;
    case 'max': return highest ? positions.at.length - 1 : null;
    default: {
      const level = call.fn.name === 'median' ? 0.5 : levelOf(call.args[1]);
      const at = levels.findIndex((known) => Number(known) === level);
      return at === -1 ? null : at + (lowest ? 1 : 0);
    }
  }
}

function levelOf(arg: Bound | undefined): number {
  if (arg?.kind === 'cast') return levelOf(arg.arg);
  return arg?.kind === 'literal' && arg.value !== null ? Number(arg.value) : Number.NaN;
}
