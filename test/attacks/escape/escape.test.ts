/**
 * The corpus of attempts against a caged worker, for real: each is refused (or, where it says so, answered with what anybody
 * may know), no protected value is in any byte of an answer, nothing on disk changes, and the next job is answered as fast as
 * before. SLUICE_TEST_ESCAPE=all also lets every bomb burn against the worker that checks.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '#contract/job.ts';
import { amountNeedles, found, markNeedles, type Needle } from '../support/canary.ts';
import { PEOPLE, VISITS, Vault } from '../support/vault.ts';
import type { Attempt } from './corpus/attempt.ts';
import { BOMBS, CORPUS } from './corpus/corpus.ts';

const PLAIN = 'select district, count(*) as n from persons group by district order by district';

let vault: Vault;
let needles: readonly Needle[];
let before: Readonly<Record<string, string>>;
let plain: unknown;

beforeAll(async () => {
  vault = await Vault.open();
  needles = [
    ...markNeedles(), ...PEOPLE.flatMap(({ income }) => (income === null ? [] : amountNeedles(income))), ...VISITS.flatMap(({ cost }) => amountNeedles(cost)),
  ];
  before = vault.digests();
  plain = tableOf(await vault.ask(PLAIN));
}, 60_000);
afterAll(() => vault.close());

const tableOf = (answer: Answer) => {
  if (answer.kind !== 'released') throw new Error(`a plain question was answered with ${JSON.stringify(answer)}`);
  return answer.envelope.table;
};

const sqlOf = ({ sql }: Attempt) => sql.replaceAll('{snapshot}', vault.directory).replaceAll('{keys}', `${vault.home}/keys`).replaceAll('{home}', vault.home);

/** What is wrong with an answer; null for a good one. */
function wrong({ harmless }: Attempt, answer: Answer, mayFail: boolean): string | null {
  const leaked = found(Buffer.from(JSON.stringify(answer)), needles);
  if (leaked.length > 0) return `holds ${leaked.join(', ')}`;
  switch (answer.kind) {
    case 'refused':
      return answer.refusals.every(({ message }) => message.en.length > 10 && /\p{Script=Han}/u.test(message.zh)) ? null : 'is refused without a sentence';
    case 'failed':
      return mayFail ? null : 'failed: a failure below the gate may depend on the data';
    case 'released':
      return harmless === undefined ? `was released: ${JSON.stringify(answer.envelope.table).slice(0, 300)}` : null;
    default:
      return `was answered with ${answer.kind}`;
  }
}

test('there are enough of them, each with an id of its own and a text of its own', () => {
  const all = [...CORPUS, ...BOMBS];
  expect(all.length).toBeGreaterThanOrEqual(300);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(new Set(all.map(({ sql }) => sql)).size).toBe(all.length);
  expect(new Set(all.map((attempt) => attempt.class)).size).toBeGreaterThan(10);
});

describe.each([...new Set(CORPUS.map((attempt) => attempt.class))])('%s', (name) => {
  const attempts = CORPUS.filter((attempt) => attempt.class === name);

  test(`${attempts.length} attempts: none reads, writes or learns`, { timeout: 180_000 }, async () => {
    const successes: string[] = [];
    for (const attempt of attempts) {
      // A constant failure is allowed only where a released number decides it.
      const problem = wrong(attempt, await vault.ask(sqlOf(attempt)), attempt.harmless !== undefined);
      if (problem !== null) successes.push(`${attempt.id} ${sqlOf(attempt).slice(0, 200)} — ${problem}`);
    }
    expect(successes, successes.join('\n')).toEqual([]);
    expect(vault.digests()).toEqual(before);
  });
});

test('the worker that explains tells nothing either', { timeout: 180_000 }, async () => {
  const successes: string[] = [];
  for (const attempt of CORPUS) {
    const answer = await vault.check(sqlOf(attempt));
    const accepted = answer.kind === 'checked' && answer.refusals.length === 0;
    if (answer.kind === 'failed' || (accepted && attempt.harmless === undefined)) successes.push(`${attempt.id} ${sqlOf(attempt).slice(0, 200)} — ${accepted ? 'accepted' : answer.kind}`);
    if (found(Buffer.from(JSON.stringify(answer)), needles).length > 0) successes.push(`${attempt.id} leaked`);
  }
  expect(successes, successes.join('\n')).toEqual([]);
});

test(`${BOMBS.length} bombs: refused, or stopped by a limit; the next job has its answer`, { timeout: 300_000 }, async () => {
  const successes: string[] = [];
  for (const bomb of BOMBS) {
    const started = performance.now();
    const answer = await vault.ask(sqlOf(bomb), bomb.wallMs);
    const problem = wrong(bomb, answer, bomb.harmless !== undefined);
    const took = performance.now() - started;
    if (problem !== null) successes.push(`${bomb.id} ${bomb.sql.slice(0, 120)} — ${problem} after ${Math.round(took)} ms`);
    // Within the wall clock of any job, the start of a new worker included.
    if (answer.kind === 'failed') expect(tableOf(await vault.ask(PLAIN))).toEqual(plain);
    if (process.env['SLUICE_TEST_ESCAPE'] === 'all') {
      const checked = await vault.check(sqlOf(bomb), bomb.wallMs);
      if (checked.kind === 'failed') successes.push(`${bomb.id} kills the worker that checks`);
    }
  }
  expect(successes, successes.join('\n')).toEqual([]);
});

test('afterwards the service answers as before, and nothing was written', async () => {
  expect(tableOf(await vault.ask(PLAIN))).toEqual(plain);
  expect(vault.digests()).toEqual(before);
});
