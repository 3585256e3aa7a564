/** The rules of the story: what the entries of a log, read in order, must amount to. */
import type { Check } from '#contract/audit.ts';
import type { Event } from '#contract/event.ts';
import { competence } from './rules/competence.ts';
import { grantsFromApplications, groundedJobs, groundedReleases } from './rules/grounds.ts';
import { entryWithdrawals } from './rules/ledger-entries.ts';
import { lifeCycles } from './rules/life-cycles.ts';
import { attempts, ledger, replays, sealedHolds, singleRelease } from './rules/jobs.ts';
import { sequence, time } from './rules/order.ts';
import { fourEyes, knownActors, noSelfApproval, reviews } from './rules/people.ts';
import { perturbationTables } from './rules/perturbation-tables.ts';
import { testedPolicies } from './rules/policies.ts';
import type { Rule } from './rules/rule.ts';
import { withdrawals } from './rules/withdrawals.ts';

export const STORY: readonly Rule[] = [
  sequence, time, knownActors, competence, lifeCycles, noSelfApproval, fourEyes, testedPolicies, perturbationTables, reviews, grantsFromApplications, groundedJobs, attempts, singleRelease, sealedHolds, groundedReleases, ledger, entryWithdrawals, withdrawals, replays,
];

/** Listens to a log from its first event on. Each rule stops at its first failure: what follows may only be its consequence. */
export class Story {
  readonly #runs = STORY.map(({ name, claim, start }) => ({ check: { name, claim, checked: 0, failure: null } as Check, run: start() }));

  /** @param seq the place of the entry in the tree, whatever it says itself. */
  hear(event: Event, seq: number): void {
    for (const { check, run } of this.#runs) {
      if (check.failure !== null) continue;
      const finding = run(event);
      if (finding === undefined) continue;
      check.checked += 1;
      if (finding !== 'holds') check.failure = { seq, message: finding };
    }
  }

  checks(): Check[] {
    return this.#runs.map(({ check }) => check);
  }
}
