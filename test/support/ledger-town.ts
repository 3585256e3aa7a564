/** One snapshot of a town for the tests of a file, asked about from an empty ledger each time. */
import { afterAll, beforeAll } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { LedgerDomain, ledgerManifest, type Loaded, type LoadedPerson, type Operator } from './ledger-domain.ts';

export interface LedgerTown {
  /** Two operators under the policy; what either asks is history to both. */
  asking<T>(policy: Policy, ask: (operator: Operator, other: Operator) => Promise<T>): Promise<T>;
}

/** @param rows of each person, at most */
export function ledgerTown(persons: readonly LoadedPerson[], rows = 1): LedgerTown {
  const domain = new LedgerDomain();
  let loaded: Loaded;
  beforeAll(async () => {
    loaded = await domain.load(persons, ledgerManifest(rows));
  }, 60_000);
  afterAll(() => domain.close());
  return {
    asking: async (policy, ask) => {
      const branch = domain.branch();
      try {
        return await ask(await branch.operator(loaded, policy), await branch.operator(loaded, policy));
      } finally {
        branch.close();
      }
    },
  };
}
