/**
 * Whether a release waits for a person. `manual`: always. `on-doubt`: where a released cell passed a rule only just, or where a table
 * had to be withheld whole. The operator learns that it waits, not why.
 */
import type { Check } from './assess.ts';
import type { DecidedGate } from './decide.ts';

export function waitsForReview(decided: readonly DecidedGate[]): boolean {
  return decided.some((gate) => {
    switch (gate.rules.review.value) {
      case 'automatic': return false;
      case 'manual': return true;
      case 'on-doubt': return isDoubtful(gate);
      default: return gate.rules.review.value satisfies never;
    }
  });
}

function isDoubtful({ rows, rules }: DecidedGate): boolean {
  const shown = rows.flatMap(({ assessments, withheld }) => assessments.filter((_, i) => withheld[i]?.count === false));
  if (rules.withholds && rows.length > 0 && shown.length === 0) return true;
  return shown.some(({ checks }) => checks.some((check) => isNarrow(check, rules.units.get(check.unit)?.value ?? 0)));
}

/** Within a tenth of the minimum (at least none to spare), or within five percent of a dominance rule. A proved bound is never narrow. */
function isNarrow({ rule, passes, margin }: Check, minimum: number): boolean {
  if (!passes || margin === null || (rule === 'minimum-units' && minimum === 0)) return false;
  return rule === 'minimum-units' ? margin <= BigInt(Math.floor(minimum / 10)) : margin <= 500n;
}
