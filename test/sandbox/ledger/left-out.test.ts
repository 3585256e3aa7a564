/** More has left about the same rows than a job can look at: what the policy says of that, whatever is in the tables. */
import { expect, test } from 'vitest';
import { ledgerVerdict } from '#sandbox/jobs/ledger.ts';
import type { DataSession } from '#sandbox/engine/data-engine.ts';
import { JobLedger } from '#sandbox/ledger/job-ledger.ts';
import { Ledger } from '#sandbox/ledger/ledger.ts';
import { packTable } from '#sandbox/ledger/past-table.ts';
import { linkedTable } from '#sandbox/release/linked-table.ts';
import { release, type Release } from '#sandbox/release/release.ts';
import { policy } from '../../support/gate.ts';
import { gateOf, STATISTICS, VALUES, type Person, type Question } from '../../support/linked-session.ts';

const town = (few: number): readonly Person[] => VALUES.a.flatMap((a) => VALUES.b.flatMap((b) => Array.from({ length: a === 'p' && b === 'x' ? few : 20 }, (): Person => ({ a, b, c: 'k', v: 1 }))));
const WHOLE: Question = { by: ['a', 'b'], filter: { a: null, b: null, c: null }, branch: null, sums: false };
const data = { hiddenFrom: () => null } as unknown as DataSession;

async function verdict(differencing: string, few: number, most: number): Promise<ReturnType<typeof ledgerVerdict>> {
  const released = (question: Question): Release => {
    const result = release([gateOf(town(few), question, 0)], [policy({ ...STATISTICS, differencing }, 'data')]);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  };
  const ledger = new Ledger();
  for (const { gate, ...decided } of released(WHOLE).decided) ledger.tables.add(packTable(linkedTable({ gate, ...decided }, gate.place!), []), 'job');
  const job = new JobLedger(ledger, [], data, 'job');
  const later = released({ ...WHOLE, by: ['a'] });
  await job.history(later.decided.map(({ gate }) => gate), [], () => most);
  return ledgerVerdict(job, [later]);
}

test.each([3, 20])('refused, held or released as the policy says, with %i in one of the cells', async (few) => {
  expect((await verdict('refuse', few, 8)).refusal).toMatchObject({ code: 'release/differencing' });
  expect(await verdict('hold', few, 8)).toEqual({ refusal: null, held: true });
  expect(await verdict('warn', few, 8)).toEqual({ refusal: null, held: false });
  for (const differencing of ['refuse', 'hold', 'warn']) expect(await verdict(differencing, few, 9)).toEqual({ refusal: null, held: false });
});
