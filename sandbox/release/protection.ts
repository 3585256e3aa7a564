/** What a cell's own rules ask of secondary suppression: whether it is protected, how wide its range must stay, and what everybody knows of it. */
import type { DominanceRule } from '#contract/policy.ts';
import { remainderProtection, remainderShare, type Degree } from '#sandbox/sdc/remainder.ts';
import { assertNever } from '#contract/result.ts';
import type { GateSpec } from './cells.ts';
import type { DecidedRow } from './decide.ts';
import type { EffectiveRules } from './effective-rules.ts';

export type Face = 'count' | 'total';

/** One measure of one row of a gate. */
export interface CellOfGate {
  readonly spec: GateSpec;
  readonly rules: EffectiveRules;
  readonly row: DecidedRow;
  readonly measure: number;
}

/** Whether the cell is hidden for its own sake. */
export function isFailing({ row, measure }: CellOfGate, face: Face): boolean {
  const assessment = row.assessments[measure] ?? missing();
  // What was released before cannot be hidden any more.
  if (row.recalled?.[measure]?.[face] !== undefined) return false;
  const withheld = row.withheld[measure];
  if (withheld?.primary === true && withheld[face]) return true;
  return !assessment.publishableZero && (!assessment.enoughUnits || (face === 'total' && !assessment.notDominated));
}

/** Whether any output of the gate shows this face of the measure; an average shows both. Of a count of rows both faces are the same number. */
export function isVisible(spec: Pick<GateSpec, 'measures' | 'outputs'>, measure: number, face: Face): boolean {
  const { id, of } = spec.measures[measure] ?? missing();
  const [isCount, isTotal] = [face === 'count' || of.kind === 'rows', face === 'total' || of.kind === 'rows'];
  return spec.outputs.some((output) => {
    switch (output.statistic) {
      case 'count':
      case 'count-units': return isCount && output.measure === id;
      case 'sum': return isTotal && output.terms.some((term) => term.measure === id);
      case 'avg': return (isTotal && output.terms.some((term) => term.measure === id)) || (isCount && output.count === id);
      // Each tells something of every sum it is made of, and of how many rows there are.
      case 'moment': return [output.n ?? output.y, output.y, output.yy, output.x, output.xx, output.xy].includes(id);
      default: return assertNever(output);
    }
  });
}

/**
 * How wide the range of possible values of a failing cell must stay. A count below the minimum: as wide as the minimum, so
 * that it might be large enough. A total of too few units: it might be nothing, and larger by the largest contribution; were it
 * only hidden beside empty cells, everybody could take the whole range for it alone. A dominated total: the upper
 * protection level of the rule (Hundepool et al. 2012, table 4.3). What is withheld for another reason: its largest contribution.
 */
export function widthOf({ spec, rules, row, measure }: CellOfGate, face: Face): bigint {
  const evidence = row.evidence[measure] ?? missing();
  const { enoughUnits, notDominated } = row.assessments[measure] ?? missing();
  if (face === 'count' || (isRows(spec, measure) && !enoughUnits)) return BigInt(Math.max(1, ...[...rules.units.values()].map(({ value }) => value)));
  const known = Object.values(evidence.concentration).flatMap((concentration) => ('largest' in concentration ? [concentration] : []));
  const largest = known.reduce((most, { largest: [x1 = 0n] }) => (x1 > most ? x1 : most), 0n);
  const net = evidence.sum < 0n ? -evidence.sum : evidence.sum;
  if (!enoughUnits) return largest + net > 0n ? largest + net : 1n;
  if (notDominated) return largest > 0n ? largest : 1n;
  const { degree } = spec.measures[measure] ?? missing();
  return known.reduce((most, { absoluteTotal, largest: xs }) => rules.dominance.reduce((widest, { value }) => {
    const level = protectionLevel(value, absoluteTotal, xs, degree);
    return level > widest ? level : widest;
  }, most), 1n);
}

function protectionLevel(rule: DominanceRule, total: bigint, xs: readonly bigint[], degree: Degree = 1): bigint {
  if (rule.rule === 'nk') return ceilDivide(100n * xs.slice(0, rule.n).reduce((sum, x) => sum + x, 0n), BigInt(rule.k)) - total;
  const share = remainderShare(rule, degree);
  return share === null ? 0n : remainderProtection(total, xs, share);
}

const ceilDivide = (a: bigint, b: bigint) => (a + b - 1n) / b;

/**
 * What everybody knows of a number that is not shown. A count: it is not negative, and in a row that does not exist it is smaller than
 * the minimum allows. A total: so many values, each within the declared bounds of the column, where the count is shown.
 * @param named whether the row exists for the operator
 * @param countIsShown of the same values
 */
export function knownBounds({ spec, rules, row, measure }: CellOfGate, face: Face, named: boolean, countIsShown: boolean): { readonly low: bigint | null; readonly high: bigint | null } {
  const { of, range, bound } = spec.measures[measure] ?? missing();
  const { count } = row.evidence[measure] ?? missing();
  if (face === 'count' || of.kind === 'rows') {
    const most = named ? [null] : [...rules.units].map(([kind, { value }]) => (bound?.[kind] === undefined ? null : BigInt(Math.max(0, value - 1)) * bound[kind].rows));
    const high = most.some((each) => each === null) ? null : most.reduce<bigint>((widest, each) => (each !== null && each > widest ? each : widest), 0n);
    return { low: 0n, high: high !== null && high >= count ? high : null };
  }
  if (range === undefined) return { low: null, high: null };
  if (countIsShown) return { low: count * range.min, high: count * range.max };
  return { low: range.min >= 0n ? 0n : null, high: range.max <= 0n ? 0n : null };
}

export function isRows(spec: Pick<GateSpec, 'measures'>, measure: number): boolean {
  return spec.measures[measure]?.of.kind === 'rows';
}

function missing(): never {
  throw new Error('a cell lacks a measure of its gate');
}
