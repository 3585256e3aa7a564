/**
 * From decided cells to the numbers that outputs are computed from. The mechanism works on measures, before coefficients: a
 * sum of 1000 per row is 1000 times a protected count, not an exact number that happens to be a multiple of the base.
 */
import type { Refusal } from '#contract/refusal.ts';
import { assertNever, err, ok } from '#contract/result.ts';
import type { Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Mechanism } from '#contract/policy.ts';
import { roundToMidpoint, roundToNearest } from '#sandbox/sdc/rounding.ts';
import type { CellKeyNoise } from '#sandbox/sdc/cell-key/noise.ts';
import type { Evidence, GateSpec, Measure, Units } from './cells.ts';
import type { DecidedGate, DecidedRow } from './decide.ts';
import type { EffectiveRules } from './effective-rules.ts';
import { perturb } from './perturb.ts';

/** Protected numbers of one measure of one cell. Of a withheld face the number is meaningless and never read. */
export interface Published {
  readonly count: bigint;
  /** In units of 10^-scale; the count again for `rows`. */
  readonly total: bigint;
  /** Distinct units by kind. */
  readonly units: Readonly<Record<string, Units>>;
}

export interface PublishedRow extends DecidedRow {
  /** By measure. */
  readonly published: readonly Published[];
}

export interface PublishedGate extends Omit<DecidedGate, 'rows'> {
  readonly rows: readonly PublishedRow[];
}

export function publish(decided: DecidedGate): PublishedGate {
  const { gate: { spec }, rules } = decided;
  const protects = spec.measures.map((measure) => protection(measure, rules.mechanism.value, spec.kinds, decided.noise));
  const rows = decided.rows.map((row): PublishedRow => ({
    ...row,
    published: row.evidence.map((evidence, i) => (protects[i] ?? missing())(evidence)),
  }));
  if (rules.mechanism.value.kind === 'suppress') return { ...decided, rows };
  // A row of another key that comes out as empty would still say that somebody has the key.
  const { named = [], empty = [] } = Object.groupBy(rows, (row) => (row.public || row.published.some(({ count }) => count > 0n) ? 'named' : 'empty'));
  return { ...decided, rows: named, dropped: [...decided.dropped, ...empty] };
}

/** What the plan must know for the mechanism, checked before anything is computed from data. */
export function checkPlan(spec: GateSpec, rules: EffectiveRules): Result<null, readonly Refusal[]> {
  const { kind } = rules.mechanism.value;
  if (kind !== 'round' && kind !== 'cell-key') return ok(null);
  const unbounded = spec.measures.filter((measure) => quanta(measure, 1n) === null);
  return unbounded.length === 0 ? ok(null) : err(unbounded.map(({ of }) => ({
    code: 'release/no-contribution-bound',
    message: of.kind === 'column'
      ? text(`The protection of sums is scaled to what one unit can contribute at most, which is not declared for ${of.column}.`, `合计值的保护幅度取决于单个主体的最大贡献,而 ${of.column} 未声明该上限。`)
      : text('The protection of counts is scaled to how many rows one unit can have at most, which is not declared for these tables.', '计数的保护幅度取决于单个主体的最多行数,而这些表未声明该上限。'),
    position: null,
    clause: rules.mechanism.clause,
    suggestion: text('The agency can declare the range of the column (min, max) and the rows of a unit (maxRowsPerUnit) in the manifest.', '数据提供单位可在数据集清单中声明字段范围(min、max)和每个主体的最多行数(maxRowsPerUnit)。'),
  })));
}

function protection(measure: Measure, mechanism: Mechanism, kinds: readonly string[], noise: CellKeyNoise | null): (evidence: Evidence) => Published {
  switch (mechanism.kind) {
    case 'suppress': return exact;
    case 'round': {
      const base = BigInt(mechanism.base);
      const quantum = quanta(measure, base);
      if (quantum === null) throw new Error('a measure without a bound passed the check of its plan');
      const round = mechanism.method === 'midpoint' ? roundToMidpoint : roundToNearest;
      return (evidence) => ({
        count: round(evidence.count, quantum.count),
        total: round(evidence.sum, quantum.total),
        units: Object.fromEntries(Object.entries(evidence.units).map(([kind, units]) => [kind, 'exact' in units ? { exact: round(units.exact, base) } : units])),
      });
    }
    case 'cell-key': {
      if (noise === null) throw new Error('a mechanism without its table passed the check of the plan');
      return (evidence) => perturb(measure, evidence, kinds, noise);
    }
    case 'differential-privacy': throw new Error('a mechanism that is not built passed the check of the policy');
    default: return assertNever(mechanism);
  }
}

function exact({ count, sum, units }: Evidence): Published {
  return { count, total: sum, units };
}

/** Base times the largest contribution of a unit of any kind; null where that is not known. */
function quanta(measure: Measure, base: bigint): { readonly count: bigint; readonly total: bigint } | null {
  const bounds = Object.values(measure.bound ?? {});
  if (bounds.length === 0) return null;
  let rows = 1n;
  let total = 1n;
  for (const bound of bounds) {
    const largest = measure.of.kind === 'rows' ? bound.rows : bound.total;
    if (largest === null) return null;
    if (bound.rows > rows) rows = bound.rows;
    if (largest > total) total = largest;
  }
  return { count: base * rows, total: base * total };
}

function missing(): never {
  throw new Error('a cell lacks the evidence of a measure');
}
