/**
 * A policy as operators may read it: everything but the parameters of the dominance rules, which would help to undo them.
 * Which kinds of rule there are is said; how many and how strict is not.
 */
import type { PolicyChange } from './policy-diff.ts';
import type { DominanceRule, Policy } from './policy.ts';

export type RedactedRules = readonly { readonly rule: DominanceRule['rule'] }[];

export function redactPolicy(policy: Policy) {
  const { statistics } = policy;
  return {
    ...policy,
    statistics: {
      ...statistics,
      dominance: redactRules(statistics.dominance),
      overrides: statistics.overrides.map(({ dominance, ...override }) =>
        (dominance === undefined ? override : { ...override, dominance: redactRules(dominance) })),
    },
  };
}

/** Changes of dominance rules without their parameters. */
export function redactChanges(changes: readonly PolicyChange[]): readonly PolicyChange[] {
  return changes.map((change) => (/\.dominance$/.test(change.path)
    ? { ...change, before: withoutNumbers(change.before), after: withoutNumbers(change.after) }
    : change));
}

function redactRules(rules: readonly DominanceRule[]): RedactedRules {
  return [...new Set(rules.map(({ rule }) => rule))].sort().map((rule) => ({ rule }));
}

function withoutNumbers(text: string | null): string | null {
  return text === null ? null : text.replace(/ \([\d, ]+\)$/, '');
}
