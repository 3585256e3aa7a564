/** The ledger between the planes: sealed, in order, and told to workers that come later. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestBytes } from '#contract/canonical.ts';
import { ReviewEvidence } from '#contract/evidence.ts';
import { nextHead } from '#contract/chain.ts';
import { Ledger } from '#sandbox/ledger/ledger.ts';
import { openDelta, sealDelta } from '#sandbox/ledger/delta.ts';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded } from '../../support/ledger-domain.ts';
import { populationOf, testUnits } from '../../support/ledger-reference.ts';

const KEY = new Uint8Array(32).fill(3);
const random = (bytes: number) => new Uint8Array(bytes).fill(9);
const strip = {
  series: 'person: rows', kind: 'person', face: { measure: 0, face: 'count' as const, unit: null }, of: 'job_1', datasets: [], relation: 'town.people', keys: [], population: null, flat: null, scale: 0,
};
const cells = [[0, 30], [5, 70]].map(([from, to], i) => ({ key: `["区${i}",null]`, ...populationOf(testUnits(100).slice(from, to)), value: BigInt(to! - from!) * (-1n) ** BigInt(i) }));

describe('a delta', () => {
  test('comes back as it was sealed', () => {
    const delta = { strips: [{ strip, cells }], tables: [] };
    expect(openDelta(KEY, 'job_1', sealDelta(KEY, 'job_1', delta, random))).toEqual(delta);
  });

  test('is not opened under another key, for another job, or changed', () => {
    const sealed = sealDelta(KEY, 'job_1', { strips: [{ strip, cells }], tables: [] }, random);
    expect(() => openDelta(new Uint8Array(32), 'job_1', sealed)).toThrow();
    expect(() => openDelta(KEY, 'job_2', sealed)).toThrow();
    expect(() => openDelta(KEY, 'job_1', `${sealed.slice(0, -8)}AAAAAAA=`)).toThrow();
  });

  test('is taken only as the next of its chain', () => {
    const chain = ['job_1', 'job_2'].map((of) => ({ of, sealed: sealDelta(KEY, of, { strips: [{ strip: { ...strip, of }, cells }], tables: [] }, random) }));
    let head: ReturnType<typeof nextHead> | null = null;
    const entries = chain.map((entry) => ({ ...entry, head: (head = nextHead(head, digestBytes(Buffer.from(entry.sealed, 'base64')))) }));
    const ledger = new Ledger();
    expect(() => ledger.take(entries[1]!, KEY)).toThrow();
    entries.forEach((entry) => ledger.take(entry, KEY));
    expect(ledger.head).toBe(head);
    expect(ledger.memory.length).toBe(4);
    expect(() => ledger.take(entries[1]!, KEY)).toThrow();
  });
});

describe('the length of a sealed delta', () => {
  test('does not tell its numbers, nor which of them were withheld', () => {
    const length = (value: (i: number) => bigint | null): number => sealDelta(KEY, 'job_1', { strips: [{ strip, cells: cells.map((cell, i) => ({ ...cell, value: value(i) })) }], tables: [] }, random).length;
    expect(new Set([length(() => 1n), length((i) => (i === 0 ? null : 1n)), length(() => 99_999_999_999n), length(() => -(10n ** 60n))]).size).toBe(1);
  });

  test('of a held job is the same whether a cell is withheld or shown, and however large it is', async () => {
    const domain = new LedgerDomain();
    const policy = ledgerPolicy('hold', { secondary: 'required', review: 'manual', dominance: [{ rule: 'p-percent', p: 20 }] });
    const lengths: number[] = [];
    for (const income of [1_100, 400_000, 9_999_999]) {
      const loaded = await domain.load(people(160, (person, i) => (i === 3 ? { ...person, income } : { ...person, income: 1_000 + (i % 40) })));
      for (let i = 0; i < 4; i++) {
        const branch = domain.branch();
        const answer = await (await branch.operator(loaded, policy)).ask('SELECT district, sum(income) FROM people GROUP BY district');
        expect([answer.kind, answer.result!.table.rows.some((row) => row[1] === null)]).toEqual(['held', income > 1_100]);
        lengths.push(Buffer.from(branch.entries.at(-1)!.sealed, 'base64').length);
        branch.close();
      }
    }
    domain.close();
    expect(new Set(lengths).size).toBe(1);
  }, 60_000);
});

describe('in a domain', () => {
  const domain = new LedgerDomain();
  let town: Loaded;
  beforeAll(async () => { town = await domain.load([...people(300), { id: 'target', district: '崂山', age: 100, sex: 'F', income: 5000 }]); }, 60_000);
  afterAll(() => domain.close());

  test('a job on another state of the ledger than it names does not run', async () => {
    const branch = domain.branch();
    const first = await branch.operator(town, ledgerPolicy('warn'));
    await first.ask('select count(*) from people');
    await expect(branch.ask(town, ledgerPolicy('warn'), 'select count(*) from people')).rejects.toThrow('ledger');
    // Nothing is remembered or looked up where no policy asks for it.
    expect(single(await branch.ask(town, ledgerPolicy('none'), 'select count(*) from people where age < 100'))).toBe(300);
  });

  test('nothing new is nothing to keep; numbers that the result does not show are kept', async () => {
    const branch = domain.branch();
    const operator = await branch.operator(town, ledgerPolicy('warn'));
    await operator.ask('select 1 from (select count(*) as n from people) where n > 0');
    expect(branch.entries).toHaveLength(1);
    expect(single(await operator.ask('select count(*) from people where age <> 100'))).toBe(301);
    expect(branch.entries).toHaveLength(1);
  });

  test('the reviewer sees what it overlaps with; the operator is told the rule, and nothing of others', async () => {
    const branch = domain.branch();
    const [one, other] = [await branch.operator(town, ledgerPolicy('hold')), await branch.operator(town, ledgerPolicy('hold'))];
    await one.ask('select count(*) from people');
    await one.ask('select count(*) from people where age < 40');
    const held = await other.ask('select count(*) from people where age between 40 and 99');
    if (held.kind !== 'held') throw new Error('not held');
    const { ledger } = ReviewEvidence.parse(branch.open(held.envelope.sealed.evidence!));
    expect(ledger).toEqual({ exact: true, overlaps: [{ gate: 0, keys: [], measure: 0, face: 'count', how: 'follows', differing: 1, releases: branch.entries.map(({ of }) => of) }] });
    const told = JSON.stringify(held.result?.statement);
    expect(told).toContain('town-statistics@1 statistics.differencing');
    for (const { of } of branch.entries) expect(told).not.toContain(of);
    // Many more of other rows: nothing follows, and nothing is held.
    expect((await other.ask("select count(*) from people where sex = 'F'")).kind).toBe('released');
  });

  test('refused looks the same whether anybody is in the difference or not', async () => {
    const [withTarget, without] = [town, await domain.load(people(300))];
    const refusals = await Promise.all([withTarget, without].map(async (loaded) => {
      const operator = await domain.branch().operator(loaded, ledgerPolicy('refuse'));
      await operator.ask('select count(*) from people');
      await operator.ask('select count(*) from people where age < 40');
      return operator.ask('select count(*) from people where age between 40 and 99');
    }));
    expect(refusals[0]).toMatchObject({ kind: 'refused', refusals: [{ code: 'release/differencing', clause: 'town-statistics@1 statistics.differencing' }] });
    expect(refusals[0]).toEqual(refusals[1]);
  });

});
