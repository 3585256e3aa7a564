/**
 * Withholds spreads, correlations and regressions that tell single values although each of their sums is safe: with few
 * contributors, where all values are alike, where one column follows from the other (`sdc/spread.ts`), where a fit rests on few units (`sdc/leverage.ts`). What is withheld are the sums of
 * squares and products, which nothing else shows.
 */
import { estimatesEnough, fitIsSafe, spreadIsSafe, type PowerSums } from '#sandbox/sdc/spread.ts';
import { fitRestsOnEnough, leverageIsSafe } from '#sandbox/sdc/leverage.ts';
import { remainderShare, type Fraction } from '#sandbox/sdc/remainder.ts';
import type { Evidence, GateSpec, Output } from './cells.ts';
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
function unsafeBecause(evidence: readonly Evidence[], { y, yy, x, xx, xy }: MomentOutput, spec: GateSpec, rules: EffectiveRules, share: Clause<Fraction>): string | null {
  const of = (measure: number): Evidence => evidence[spec.measures.findIndex(({ id }) => id === measure)] ?? missing();
  const own = of(y);
  if (own.count === 0n) return null;
  for (const [kind, { value, clause }] of rules.units) {
    const units = own.units[kind];
    if (value > 0 && (units === undefined || !estimatesEnough('exact' in units ? units.exact : units.atLeast, x === null ? 1 : 2))) return clause;
  }
  const sums = (sum: number, squares: number): PowerSums => ({ n: own.count, sum: of(sum).sum, squares: of(squares).sum });
  const ofY = sums(y, yy);
  if (!spreadIsSafe(ofY, share.value)) return share.clause;
  if (x === null || xx === null || xy === null) return null;
  const ofX = sums(x, xx);
  for (const [column, power] of [[x, ofX], [y, ofY]] as const) {
    const few = fewBehind(of(column), power, rules, share);
    if (few !== null) return few;
  }
  const safe = spreadIsSafe(ofX, share.value) && fitIsSafe(ofY, ofX, of(xy).sum, share.value) && fitIsSafe(ofX, ofY, of(xy).sum, share.value);
  return safe ? null : share.clause;
}

/** The clause by which a fit on this column rests on too few units; null where it does not. */
function fewBehind({ units, extremes = {} }: Evidence, sums: PowerSums, rules: EffectiveRules, share: Clause<Fraction>): string | null {
  for (const [kind, { value, clause }] of rules.units) {
    const [own, counted] = [extremes[kind], units[kind]];
    if (value > 0 && (own === undefined || counted === undefined || !('exact' in counted) || !fitRestsOnEnough(own, counted.exact, value))) return clause;
    const ends = [own?.largest[0], own?.smallest[0]].filter((end) => end !== undefined);
    if (!ends.every((end) => leverageIsSafe(sums, end, share.value))) return share.clause;
  }
  return null;
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
