/** One snapshot of a town for the tests of a file, asked about from an empty ledger each time. */
import { afterAll, beforeAll } from 'vitest';
import type { Manifest } from '#contract/manifest.ts';
import type { Policy } from '#contract/policy.ts';
import { LedgerDomain, ledgerManifest, type Loaded, type LoadedPerson, type Operator, type Person } from './ledger-domain.ts';

export interface LedgerTown {
  /** Two operators under the policy; what either asks is history to both. */
  asking<T>(policy: Policy, ask: (operator: Operator, other: Operator) => Promise<T>): Promise<T>;
  /** An operator under each of the policies; what one asks is history to all. */
  under<T>(policies: readonly Policy[], ask: (operators: readonly Operator[]) => Promise<T>): Promise<T>;
  /**
   * Numbers of questions asked one after the other, each so many times, added up; null where one is missing.
   * @param questions with factor 0: only asked. `row`: of several rows only that one counts
   */
  total(policy: Policy, questions: readonly Counted[]): Promise<number | null>;
}

export type Counted = readonly [sql: string, factor: number, row?: number];

/** Two rows for each, with half of the income. */
export const inTwoRows = (persons: readonly Person[]): readonly Person[] => persons.flatMap((each) => [0, 1].map((i) => ({ ...each, income: Math.floor(each.income / 2) + i })));

/** @param rows of each person, at most */
export const ledgerTown = (persons: readonly LoadedPerson[], rows = 1): LedgerTown => town((domain) => domain.load(persons, ledgerManifest(rows)));

/** Of any tables. */
export const ledgerTownOf = (files: Readonly<Record<string, string>>, manifest: Manifest): LedgerTown => town((domain) => domain.loadFiles(files, manifest));

function town(load: (domain: LedgerDomain) => Promise<Loaded>): LedgerTown {
  const domain = new LedgerDomain();
  let loaded: Loaded;
  beforeAll(async () => {
    loaded = await load(domain);
  }, 60_000);
  afterAll(() => domain.close());
  const under: LedgerTown['under'] = async (policies, ask) => {
    const branch = domain.branch();
    try {
      const operators: Operator[] = [];
      for (const policy of policies) operators.push(await branch.operator(loaded, policy));
      return await ask(operators);
    } finally {
      branch.close();
    }
  };
  const asking: LedgerTown['asking'] = (policy, ask) => under([policy, policy], ([operator, other]) => ask(operator!, other!));
  return {
    asking, under,
    total: (policy, questions) => asking(policy, async (operator) => {
      let sum = 0;
      for (const [sql, factor, row] of questions) {
        const { result } = await operator.ask(sql);
        const numbers = result?.table.rows.flatMap((own, r) => (row === undefined || r === row ? [own.at(-1) ?? null] : [])) ?? [null];
        if (factor !== 0 && numbers.includes(null)) return null;
        sum += factor * numbers.reduce<number>((total, value) => total + Number(value), 0);
      }
      return sum;
    }),
  };
}
