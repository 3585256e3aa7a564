/**
 * Whether declared bounds say enough about a cell (`gate.md`, cost): then no rule can come to another outcome when its units are
 * counted. Where they do not, units are counted and nothing here matters.
 */
import { meetsMinimum } from '#sandbox/sdc/minimum-units.ts';
import { estimatesEnough } from '#sandbox/sdc/spread.ts';
import type { Evidence, GateSpec, Measure } from './cells.ts';
import { complementsAreCertain } from './complements.ts';
import type { EffectiveRules } from './effective-rules.ts';

/** @param evidence by measure; a concentration that the bounds do not prove is absent */
export function isProved(spec: GateSpec, rules: EffectiveRules, evidence: readonly Evidence[]): boolean {
  return spec.measures.every((measure, i) => {
    const own = evidence[i];
    return own !== undefined && (own.count === 0n || (measureIsProved(measure, own, rules) && momentIsProved(spec, measure, own, rules)));
  }) && complementsAreCertain(spec, rules, evidence);
}

/** Spreads and fits need more units than a sum does. */
function momentIsProved({ outputs }: GateSpec, { id }: Measure, evidence: Evidence, rules: EffectiveRules): boolean {
  return outputs.every((output) => output.statistic !== 'moment' || output.y !== id || [...rules.units].every(([kind, { value }]) => {
    const units = evidence.units[kind];
    return value === 0 || (units !== undefined && ('exact' in units || estimatesEnough(units.atLeast, output.x === null ? 1 : 2)));
  }));
}

function measureIsProved(measure: Measure, evidence: Evidence, rules: EffectiveRules): boolean {
  const isLinked = rules.secondary.value === 'required';
  let enough = true;
  for (const [kind, { value }] of rules.units) {
    const units = evidence.units[kind];
    if (units === undefined) return false;
    if ('exact' in units) enough &&= meetsMinimum(units.exact, value);
    // Linked tables have to know where one unit is alone.
    else if (!meetsMinimum(units.atLeast, value) || (isLinked && units.atLeast < 2n)) return false;
  }
  // What a withheld total must stay uncertain by is measured in unit totals.
  if (!enough) return !isLinked;
  return !measure.magnitude || rules.dominance.length === 0 || [...rules.units.keys()].every((kind) => evidence.concentration[kind] !== undefined);
}
