/**
 * Withholds spreads, correlations and regressions that tell single values although each of their sums is safe: with few
 * contributors, where all values are alike, where one column follows from the other (`sdc/spread.ts`), where a fit rests on few units (`sdc/leverage.ts`). What is withheld are the sums of
 * squares and products, which nothing else shows.
 */
import { estimatesEnough, estimatesMargin, fitIsSafe, fitMargin, spreadIsSafe, spreadMargin, type PowerSums } from '#sandbox/sdc/spread.ts';
import { fitRestsOnEnough, fitUnitsMargin, leverageIsSafe, leverageMargin } from '#sandbox/sdc/leverage.ts';
import { remainderShare, type Fraction } from '#sandbox/sdc/remainder.ts';
import type { Evidence, GateSpec, Output } from './cells.ts';
import { check, least, type Check } from './check.ts';
import type { DecidedGate, DecidedRow } from './decide.ts';
import type { Clause, EffectiveRules } from './effective-rules.ts';

type MomentOutput = Extract<Output, { statistic: 'moment' }>;

/** Under noise the sums are not what they were, and under a policy that protects nothing there is nothing to do. */
export function withholdSpreads(decided: DecidedGate): DecidedGate {
  const { gate: { spec }, rules, noise } = decided;
  const moments = spec.outputs.filter((output) => output.statistic === 'moment');
  if (moments.length === 0 || noise !== null || !rules.withholds) return decided;
  const strictest = strictestShare(rules);
  return { ...decided, rows: decided.rows.map((row) => moments.reduce((current, moment) => withheldIn(current, moment, spec, rules, strictest), row)) };
}

function withheldIn(row: DecidedRow, moment: MomentOutput, spec: GateSpec, rules: EffectiveRules, share: Clause<Fraction>): DecidedRow {
  const because = unsafeBecause(row.evidence, moment, spec, rules, share);
  if (because === null) return row;
  const products = new Set([moment.yy, moment.xx, moment.xy].filter((measure) => measure !== null));
  return { ...row, withheld: row.withheld.map((own, i) => (products.has(spec.measures[i]?.id ?? -1) && !own.total ? { ...own, total: true, because, primary: true } : own)) };
}

/** The clause that withholds the statistic; null where it may leave, or where nobody contributes. */
function unsafeBecause(evidence: readonly Evidence[], moment: MomentOutput, spec: GateSpec, rules: EffectiveRules, share: Clause<Fraction>): string | null {
  for (const { passes, clause } of momentChecks(evidence, moment, spec, rules, share)) if (!passes) return clause;
  return null;
}

/** For the reviewer, by place among the gate's measures: of each statistic its checks up to the first that fails, which decides, with what nothing else shows of it. */
export function spreadChecks({ gate: { spec }, rules, noise }: DecidedGate, { evidence }: DecidedRow): ReadonlyMap<number, readonly Check[]> {
  const found = new Map<number, readonly Check[]>();
  if (noise !== null || !rules.withholds) return found;
  for (const moment of spec.outputs) {
    if (moment.statistic !== 'moment') continue;
    const own: Check[] = [];
    for (const each of momentChecks(evidence, moment, spec, rules, strictestShare(rules))) {
      own.push(each);
      if (!each.passes) break;
    }
    found.set(spec.measures.findIndex(({ id }) => id === (moment.xy ?? moment.yy)), own);
  }
  return found;
}

/** In the order in which they are asked; none where nobody contributes. */
function* momentChecks(evidence: readonly Evidence[], { y, yy, x, xx, xy }: MomentOutput, spec: GateSpec, rules: EffectiveRules, share: Clause<Fraction>): Iterable<Check> {
  const of = (measure: number): Evidence => evidence[spec.measures.findIndex(({ id }) => id === measure)] ?? missing();
  const own = of(y);
  if (own.count === 0n) return;
  const columns = x === null ? 1 : 2;
  for (const [kind, { value, clause }] of rules.units) {
    if (value === 0) continue;
    const known = own.units[kind];
    const units = known === undefined ? 0n : 'exact' in known ? known.exact : known.atLeast;
    yield check('degrees-of-freedom', kind, clause, estimatesEnough(units, columns), () => (known !== undefined && 'exact' in known ? estimatesMargin(units, columns) : null));
  }
  const sums = (sum: number, squares: number): PowerSums => ({ n: own.count, sum: of(sum).sum, squares: of(squares).sum });
  const ofY = sums(y, yy);
  const spread = (power: PowerSums): Check => check('spread', null, share.clause, spreadIsSafe(power, share.value), () => spreadMargin(power, share.value));
  yield spread(ofY);
  if (x === null || xx === null || xy === null) return;
  const ofX = sums(x, xx);
  for (const [column, power] of [[x, ofX], [y, ofY]] as const) yield* restsOnEnough(of(column), power, rules, share);
  yield spread(ofX);
  const products = of(xy).sum;
  for (const [fitted, by] of [[ofY, ofX], [ofX, ofY]] as const) yield check('fit', null, share.clause, fitIsSafe(fitted, by, products, share.value), () => fitMargin(fitted, by, products, share.value));
}

/** Whether a fit on this column rests on enough units. */
function* restsOnEnough({ units, extremes = {} }: Evidence, sums: PowerSums, rules: EffectiveRules, share: Clause<Fraction>): Iterable<Check> {
  for (const [kind, { value, clause }] of rules.units) {
    const [own, counted] = [extremes[kind], units[kind]];
    if (value > 0) {
      const known = own === undefined || counted === undefined || !('exact' in counted) ? null : { own, units: counted.exact };
      yield check('fit-units', kind, clause, known !== null && fitRestsOnEnough(known.own, known.units, value), () => (known === null ? null : fitUnitsMargin(known.own, known.units, value)));
    }
    const ends = [own?.largest[0], own?.smallest[0]].filter((end) => end !== undefined);
    if (ends.length > 0) yield check('leverage', null, share.clause, ends.every((end) => leverageIsSafe(sums, end, share.value)), () => least(ends.map((end) => leverageMargin(sums, end, share.value))));
  }
}

/** Of all p% and pq rules the largest share; nothing, and then only what is exactly alike is unsafe, where there is none. */
function strictestShare({ dominance, zeros }: EffectiveRules): Clause<Fraction> {
  return dominance.reduce<Clause<Fraction>>((most, { value, clause }) => {
    const share = remainderShare(value, 1);
    return share !== null && share.num * most.value.den > most.value.num * share.den ? { value: share, clause } : most;
  }, { value: { num: 0n, den: 1n }, clause: zeros.clause });
}

function missing(): never {
  throw new Error('a statistic names a measure that its gate does not have');
}
