/** The rules on one measure of one cell: every check with its clause and margin, and what may leave because of them. */
import type { DominanceRule } from '#contract/policy.ts';
import { isSafe, largestNeeded } from '#sandbox/sdc/dominance.ts';
import { meetsMinimum } from '#sandbox/sdc/minimum-units.ts';
import { nkMargin } from '#sandbox/sdc/nk.ts';
import { pPercentMargin } from '#sandbox/sdc/p-percent.ts';
import { isPublishableZero } from '#sandbox/sdc/zeros.ts';
import type { PerturbationTable } from '#sandbox/sdc/cell-key/table.ts';
import type { Evidence, Measure } from './cells.ts';
import type { Clause, EffectiveRules } from './effective-rules.ts';
import { perturbedUnits } from './perturb.ts';

/** What one rule said about a cell. Sealed evidence: never for the operator. */
export interface Check {
  readonly rule: 'minimum-units' | DominanceRule['rule'];
  readonly unit: string;
  readonly clause: string;
  readonly passes: boolean;
  /** Units above the minimum, or hundredths of a percent within the dominance rule; negative where it fails, null where only a bound is known. */
  readonly margin: bigint | null;
}

export interface Assessment {
  readonly checks: readonly Check[];
  /** Enough units of every kind have a value. */
  readonly enoughUnits: boolean;
  /** No unit dominates the total; true where the measure is not a magnitude. */
  readonly notDominated: boolean;
  /** Nobody contributes, and the policy lets that be said. */
  readonly publishableZero: boolean;
}

/** @param table of cell-key noise: then the minimum holds for the noisy number, and an empty cell is one that looks empty. */
export function assess(measure: Measure, evidence: Evidence, rules: EffectiveRules, table: PerturbationTable | null): Assessment {
  const minimum = [...rules.units].map(([unit, rule]) => checkMinimum(unit, rule, evidence, table));
  const enoughUnits = minimum.every(({ passes }) => passes);
  // Unit totals are only asked for where the minimum is met: a cell that fails it is withheld whatever they are.
  const dominance = measure.magnitude && enoughUnits
    ? [...rules.units.keys()].flatMap((unit) => checkDominance(unit, evidence, rules.dominance))
    : [];
  return {
    checks: [...minimum, ...dominance],
    enoughUnits,
    notDominated: dominance.every(({ passes }) => passes),
    publishableZero: isPublishableZero(shownUnits(evidence, rules, table), rules.zeros.value),
  };
}

/** Zero exactly where the cell will look empty. */
function shownUnits(evidence: Evidence, rules: EffectiveRules, table: PerturbationTable | null): bigint {
  if (table === null) return evidence.count;
  return [...rules.units.keys()].reduce((sum, kind) => sum + perturbedUnits(evidence, kind, table), 0n);
}

function checkMinimum(unit: string, rule: Clause<number>, evidence: Evidence, table: PerturbationTable | null): Check {
  if (table !== null) {
    const shown = perturbedUnits(evidence, unit, table);
    return { rule: 'minimum-units', unit, clause: rule.clause, passes: meetsMinimum(shown, rule.value), margin: shown - BigInt(rule.value) };
  }
  const units = evidence.units[unit];
  if (units === undefined) throw new Error('evidence lacks a unit kind of its gate');
  if ('atLeast' in units) {
    if (!meetsMinimum(units.atLeast, rule.value)) throw new Error('a lower bound may only be used to pass a rule');
    return { rule: 'minimum-units', unit, clause: rule.clause, passes: true, margin: null };
  }
  return { rule: 'minimum-units', unit, clause: rule.clause, passes: meetsMinimum(units.exact, rule.value), margin: units.exact - BigInt(rule.value) };
}

function checkDominance(unit: string, evidence: Evidence, rules: readonly Clause<DominanceRule>[]): readonly Check[] {
  if (rules.length === 0) return [];
  const concentration = evidence.concentration[unit];
  if (concentration === undefined) throw new Error('evidence lacks the concentration of a magnitude');
  if ('certified' in concentration) {
    return rules.map(({ value, clause }) => ({ rule: value.rule, unit, clause, passes: true, margin: null }));
  }
  const { absoluteTotal: absolute, largest } = concentration;
  const known = largest.reduce((sum, x) => sum + x, 0n);
  if (largest.length < largestNeeded(rules.map(({ value }) => value)) && known !== absolute) {
    throw new Error('evidence has fewer of the largest contributions than a rule looks at');
  }
  const cell = { absolute, net: evidence.sum, largest };
  return rules.map(({ value, clause }) => ({ rule: value.rule, unit, clause, passes: isSafe(value, cell), margin: marginOf(value, cell) }));
}

/** Against the smaller of the two totals that the rule is tested on. */
function marginOf(rule: DominanceRule, { absolute, net, largest }: { absolute: bigint; net: bigint; largest: readonly bigint[] }): bigint | null {
  const magnitude = net < 0n ? -net : net;
  const total = magnitude < absolute ? magnitude : absolute;
  switch (rule.rule) {
    case 'p-percent': return pPercentMargin(total, largest, rule.p);
    case 'pq': return pPercentMargin(total * BigInt(rule.q), largest.map((x) => x * BigInt(rule.q)), rule.p);
    case 'nk': return nkMargin(total, largest, rule.n, rule.k);
    default: return rule satisfies never;
  }
}
