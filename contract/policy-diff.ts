/**
 * What changed between two versions of a policy, and in which direction for the people in the data. A change that cannot be
 * shown to be stricter is `looser`; `other` is what protects nobody (title, basis). A version that loosens anything
 * needs a second approver. Of its tests: `policy-tests-diff.ts`.
 */
import { canonical } from './canonical.ts';
import { own } from './own.ts';
import { describeDominance, implies } from './policy-dominance.ts';
import { QUANTILE_LEVELS, type Dimension, type DominanceRule, type Mechanism, type Override, type Policy, type Statistics } from './policy.ts';

export type Direction = 'looser' | 'stricter' | 'other';

/** `before` and `after` as short text for people; null where there was or is nothing. */
export interface PolicyChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly direction: Direction;
}

/** Changes in the order of the document. Equal policies (but for the version number) have none. */
export function diffPolicies(before: Policy, after: Policy): readonly PolicyChange[] {
  const a = before.statistics;
  const b = after.statistics;
  return [
    ...plain('policy', before.policy, after.policy),
    ...plain('dataset', before.dataset, after.dataset),
    ...plain('title', before.title === undefined ? null : canonical(before.title), after.title === undefined ? null : canonical(after.title)),
    ...plain('basis', before.basis ?? null, after.basis ?? null),
    ...permissions('purposes', before.purposes, after.purposes),
    ...mechanismChange(a.mechanism, b.mechanism),
    ...unitChanges('statistics.units', a.units, b.units, 'looser'),
    ...dominanceChanges('statistics.dominance', a.dominance, b.dominance),
    ...ordered('statistics.zeros', a.zeros, b.zeros, ['disclosive', 'publishable']),
    ...ordered('statistics.withhold', a.withhold, b.withhold, ['table', 'cell']),
    ...ordered('statistics.secondary', a.secondary, b.secondary, ['required', 'none']),
    ...ordered('statistics.differencing', a.differencing, b.differencing, ['refuse', 'hold', 'warn', 'none']),
    ...tableChanges('statistics.dimensions', a.dimensions, b.dimensions, describeDimension, isCoarser),
    ...tableChanges('statistics.measures', a.measures, b.measures, (allowed) => allowed.join(', '), (fewer, more) => fewer.every((s) => more.includes(s))),
    ...levelChanges(a, b),
    ...joinChanges(a.joins, b.joins),
    ...ordered('statistics.review', a.review, b.review, REVIEWS),
    ...number('statistics.reviewers', a.reviewers ?? 1, b.reviewers ?? 1, 'stricter'),
    ...overrideChanges(a.overrides, b.overrides),
    ...number('limits.jobsPerDay', before.limits.jobsPerDay, after.limits.jobsPerDay, 'looser'),
    ...number('limits.gatesPerJob', before.limits.gatesPerJob, after.limits.gatesPerJob, 'looser'),
    ...number('limits.resultCells', before.limits.resultCells, after.limits.resultCells, 'looser'),
  ];
}

export function loosens(changes: readonly PolicyChange[]): boolean {
  return changes.some(({ direction }) => direction === 'looser');
}

const REVIEWS: readonly Statistics['review'][] = ['manual', 'on-doubt', 'automatic'];

function change(path: string, before: string | null, after: string | null, direction: Direction): readonly PolicyChange[] {
  return [{ path, before, after, direction }];
}

function plain(path: string, before: string | null, after: string | null): readonly PolicyChange[] {
  return before === after ? [] : change(path, before, after, 'other');
}

/** `more`: the direction of a larger number. */
function number(path: string, before: number, after: number, more: 'looser' | 'stricter'): readonly PolicyChange[] {
  if (before === after) return [];
  return change(path, String(before), String(after), after > before === (more === 'looser') ? 'looser' : 'stricter');
}

/** `order`: strictest first. */
function ordered<T extends string>(path: string, before: T, after: T, order: readonly T[]): readonly PolicyChange[] {
  return before === after ? [] : change(path, before, after, order.indexOf(after) > order.indexOf(before) ? 'looser' : 'stricter');
}

/** A list where every further entry allows more. */
function permissions(path: string, before: readonly string[], after: readonly string[]): readonly PolicyChange[] {
  return [
    ...before.filter((entry) => !after.includes(entry)).flatMap((entry) => change(path, entry, null, 'stricter')),
    ...after.filter((entry) => !before.includes(entry)).flatMap((entry) => change(path, null, entry, 'looser')),
  ];
}

/** Mechanisms of different kinds protect differently; none is shown to be stricter, except rounding on top of suppression. */
function mechanismChange(before: Mechanism, after: Mechanism): readonly PolicyChange[] {
  if (canonical(before) === canonical(after)) return [];
  const roundedMore = after.kind === 'round' && (before.kind === 'suppress'
    || (before.kind === 'round' && before.method === after.method && after.base % before.base === 0));
  const lessBudget = before.kind === 'differential-privacy' && after.kind === 'differential-privacy'
    && Number(after.epsilon) <= Number(before.epsilon) && Number(after.delta ?? 0) <= Number(before.delta ?? 0);
  return change('statistics.mechanism', canonical(before), canonical(after), roundedMore || lessBudget ? 'stricter' : 'looser');
}

/** `added`: the direction of a new kind. In the base a kind without a rule is refused; in an override it falls back to the base. */
function unitChanges(path: string, before: Statistics['units'], after: Statistics['units'], added: 'looser' | 'stricter'): readonly PolicyChange[] {
  const removed = added === 'looser' ? 'stricter' : 'looser';
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((kind) => {
    const a = own(before, kind);
    const b = own(after, kind);
    if (a === undefined) return change(`${path}.${kind}`, null, `min ${b?.min ?? 0}`, added);
    if (b === undefined) return change(`${path}.${kind}`, `min ${a.min}`, null, removed);
    return number(`${path}.${kind}.min`, a.min, b.min, 'stricter');
  });
}

/** A rule that went without another as strict loosens; a rule that came and was not implied already makes stricter. */
function dominanceChanges(path: string, before: readonly DominanceRule[], after: readonly DominanceRule[]): readonly PolicyChange[] {
  const same = (a: DominanceRule, b: DominanceRule) => canonical(a) === canonical(b);
  const gone = before.filter((a) => !after.some((b) => same(a, b)));
  const come = after.filter((b) => !before.some((a) => same(a, b)));
  return [
    ...gone.flatMap((rule) => change(path, describeDominance(rule), null, after.some((other) => implies(other, rule)) ? 'other' : 'looser')),
    ...come.flatMap((rule) => change(path, null, describeDominance(rule), before.some((other) => implies(other, rule)) ? 'other' : 'stricter')),
  ];
}

/** Maps from column to what is allowed of it; `any` allows everything. `isLess(a, b)`: whatever a allows, b allows. */
function tableChanges<T>(path: string, before: 'any' | Readonly<Record<string, T>>, after: 'any' | Readonly<Record<string, T>>, describe: (entry: T) => string, isLess: (a: T, b: T) => boolean): readonly PolicyChange[] {
  if (before === 'any' || after === 'any') {
    return before === after ? [] : change(path, before === 'any' ? 'any' : 'listed', after === 'any' ? 'any' : 'listed', after === 'any' ? 'looser' : 'stricter');
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((column) => {
    const a = own(before, column);
    const b = own(after, column);
    const place = `${path}.${column}`;
    if (a === undefined) return b === undefined ? [] : change(place, null, describe(b), 'looser');
    if (b === undefined) return change(place, describe(a), null, 'stricter');
    if (canonical(a) === canonical(b)) return [];
    return change(place, describe(a), describe(b), isLess(b, a) ? (isLess(a, b) ? 'other' : 'stricter') : 'looser');
  });
}

function describeDimension(dimension: Dimension): string {
  if ('levels' in dimension) return `levels ${dimension.levels.join(', ')}`;
  if ('bands' in dimension) return `bands ${dimension.bands.join(', ')}`;
  return dimension.categories === 'all' ? 'all categories' : `categories ${dimension.categories.join(', ')}`;
}

/** Whether every cut that `a` makes, `b` makes too. */
function isCoarser(a: Dimension, b: Dimension): boolean {
  if ('levels' in a) return 'levels' in b && a.levels.every((level) => b.levels.includes(level));
  if ('bands' in a) {
    const edges: readonly (number | string)[] = 'bands' in b ? b.bands : [];
    return a.bands.every((edge) => edges.includes(edge));
  }
  if (!('categories' in b)) return false;
  const { categories } = b;
  return categories === 'all' || (a.categories !== 'all' && a.categories.every((category) => categories.includes(category)));
}

function joinChanges(before: Statistics['joins'], after: Statistics['joins']): readonly PolicyChange[] {
  if (before === 'any' || after === 'any') {
    return before === after ? [] : change('statistics.joins', before === 'any' ? 'any' : 'listed', after === 'any' ? 'any' : 'listed', after === 'any' ? 'looser' : 'stricter');
  }
  const pairs = (joins: readonly (readonly [string, string])[]) => joins.map((pair) => [...pair].sort().join(' = '));
  return permissions('statistics.joins', pairs(before), pairs(after));
}

/** Other levels are other windows of the same units: what one version hides in a window, two versions may not. */
function levelChanges(before: Statistics, after: Statistics): readonly PolicyChange[] {
  const [a, b] = [before, after].map(({ quantileLevels }) => (quantileLevels ?? QUANTILE_LEVELS).join(', '));
  return a === undefined || b === undefined || a === b ? [] : change('statistics.quantileLevels', a, b, 'looser');
}

/** Overrides of one column or table count together, as they do when a gate uses it. */
function overrideChanges(before: readonly Override[], after: readonly Override[]): readonly PolicyChange[] {
  const target = (override: Override) => override.column ?? override.table ?? '';
  return [...new Set([...before, ...after].map(target))].sort().flatMap((name) => {
    const a = before.filter((override) => target(override) === name);
    const b = after.filter((override) => target(override) === name);
    const path = `statistics.overrides.${name}`;
    return [
      ...unitChanges(`${path}.units`, strictestUnits(a), strictestUnits(b), 'stricter'),
      ...dominanceChanges(`${path}.dominance`, a.flatMap(({ dominance = [] }) => dominance), b.flatMap(({ dominance = [] }) => dominance)),
      ...ordered(`${path}.review`, strictestReview(a), strictestReview(b), REVIEWS),
    ];
  });
}

function strictestUnits(overrides: readonly Override[]): Statistics['units'] {
  const units: Record<string, { min: number }> = {};
  for (const override of overrides) {
    for (const [kind, { min }] of Object.entries(override.units ?? {})) units[kind] = { min: Math.max(min, own(units, kind)?.min ?? 0) };
  }
  return units;
}

function strictestReview(overrides: readonly Override[]): Statistics['review'] {
  return REVIEWS.find((review) => overrides.some((override) => override.review === review)) ?? 'automatic';
}
