/** The rules on one measure of one cell: every check with its clause and margin, and what may leave because of them. */
import type { DominanceRule } from '#contract/policy.ts';
import { isSafe, largestNeeded, type UnitTotals } from '#sandbox/sdc/dominance.ts';
import { meetsMinimum } from '#sandbox/sdc/minimum-units.ts';
import { nkMargin } from '#sandbox/sdc/nk.ts';
import { remainderMargin, remainderShare, type Degree } from '#sandbox/sdc/remainder.ts';
import { isPublishableZero } from '#sandbox/sdc/zeros.ts';
import type { CellKeyNoise } from '#sandbox/sdc/cell-key/noise.ts';
import type { Evidence, Measure } from './cells.ts';
import { check, type Check } from './check.ts';
import type { Clause, EffectiveRules } from './effective-rules.ts';
import { perturbedUnits } from './perturb.ts';

export interface Assessment {
  /** Worked out when asked for: only a reviewer reads margins, and a table may have many cells. */
  readonly checks: readonly Check[];
  /** Enough units of every kind have a value. */
  readonly enoughUnits: boolean;
  /** No unit dominates the total; true where the measure is not a magnitude. */
  readonly notDominated: boolean;
  /** Nobody contributes, and the policy lets that be said. */
  readonly publishableZero: boolean;
}

/** @param noise of cell keys: then the minimum holds for the noisy number, and an empty cell is one that looks empty. */
export function assess(measure: Measure, evidence: Evidence, rules: EffectiveRules, noise: CellKeyNoise | null): Assessment {
  return new Judgement(measure, evidence, rules, noise);
}

class Judgement implements Assessment {
  readonly enoughUnits: boolean;
  readonly notDominated: boolean;
  readonly publishableZero: boolean;
  readonly #measure: Measure;
  readonly #evidence: Evidence;
  readonly #rules: EffectiveRules;
  readonly #noise: CellKeyNoise | null;

  constructor(measure: Measure, evidence: Evidence, rules: EffectiveRules, noise: CellKeyNoise | null) {
    this.#measure = measure;
    this.#evidence = evidence;
    this.#rules = rules;
    this.#noise = noise;
    let enough = true;
    for (const [unit, { value }] of rules.units) enough &&= meetsMinimum(unitsFor(unit, value, evidence, noise), value);
    let dominated = false;
    // Unit totals are only asked for where the minimum is met: a cell that fails it is withheld whatever they are.
    if (measure.magnitude && enough && rules.dominance.length > 0) for (const unit of rules.units.keys()) dominated ||= isDominated(unit, evidence, rules.dominance, measure.degree);
    this.enoughUnits = enough;
    this.notDominated = !dominated;
    this.publishableZero = rules.zeros.value === 'publishable' && isPublishableZero(shownUnits(evidence, rules, noise), rules.zeros.value);
  }

  get checks(): readonly Check[] {
    const minimum = [...this.#rules.units].map(([unit, rule]) => checkMinimum(unit, rule, this.#evidence, this.#noise));
    if (!this.#measure.magnitude || !this.enoughUnits) return minimum;
    return [...minimum, ...[...this.#rules.units.keys()].flatMap((unit) => checkDominance(unit, this.#evidence, this.#rules.dominance, this.#measure.degree))];
  }
}

/** Units as they count against the minimum: noisy ones under noise, a proved bound where it is enough. */
function unitsFor(unit: string, minimum: number, evidence: Evidence, noise: CellKeyNoise | null): bigint {
  if (noise !== null) return perturbedUnits(evidence, unit, noise);
  const units = evidence.units[unit];
  if (units === undefined) throw new Error('evidence lacks a unit kind of its gate');
  if ('exact' in units) return units.exact;
  if (!meetsMinimum(units.atLeast, minimum)) throw new Error('a lower bound may only be used to pass a rule');
  return units.atLeast;
}

/** Zero exactly where the cell will look empty. */
function shownUnits(evidence: Evidence, rules: EffectiveRules, noise: CellKeyNoise | null): bigint {
  if (noise === null) return evidence.count;
  return [...rules.units.keys()].reduce((sum, kind) => sum + perturbedUnits(evidence, kind, noise), 0n);
}

function checkMinimum(unit: string, { value, clause }: Clause<number>, evidence: Evidence, noise: CellKeyNoise | null): Check {
  const units = unitsFor(unit, value, evidence, noise);
  const isBound = noise === null && 'atLeast' in (evidence.units[unit] ?? {});
  return check('minimum-units', unit, clause, meetsMinimum(units, value), () => (isBound ? null : units - BigInt(value)));
}

function isDominated(unit: string, evidence: Evidence, rules: readonly Clause<DominanceRule>[], degree: Degree | undefined): boolean {
  const cell = unitTotals(unit, evidence, rules);
  return cell !== null && !rules.every(({ value }) => isSafe(value, cell, degree));
}

/** Null where bounds have proved that no rule fails. */
function unitTotals(unit: string, evidence: Evidence, rules: readonly Clause<DominanceRule>[]): UnitTotals | null {
  const concentration = evidence.concentration[unit];
  if (concentration === undefined) throw new Error('evidence lacks the concentration of a magnitude');
  if ('certified' in concentration) return null;
  const { absoluteTotal: absolute, largest } = concentration;
  if (largest.length < largestNeeded(rules.map(({ value }) => value)) && largest.reduce((sum, x) => sum + x, 0n) !== absolute) {
    throw new Error('evidence has fewer of the largest contributions than a rule looks at');
  }
  return { absolute, net: evidence.sum, largest };
}

function checkDominance(unit: string, evidence: Evidence, rules: readonly Clause<DominanceRule>[], degree: Degree | undefined): readonly Check[] {
  if (rules.length === 0) return [];
  const cell = unitTotals(unit, evidence, rules);
  return rules.map(({ value, clause }) => check(value.rule, unit, clause, cell === null || isSafe(value, cell, degree), () => (cell === null ? null : marginOf(value, cell, degree))));
}

/** Against the smaller of the two totals that the rule is tested on. */
function marginOf(rule: DominanceRule, { absolute, net, largest }: UnitTotals, degree: Degree = 1): bigint | null {
  const magnitude = net < 0n ? -net : net;
  const total = magnitude < absolute ? magnitude : absolute;
  if (rule.rule === 'nk') return nkMargin(total, largest, rule.n, rule.k);
  const share = remainderShare(rule, degree);
  return share === null ? null : remainderMargin(total, largest, share);
}
