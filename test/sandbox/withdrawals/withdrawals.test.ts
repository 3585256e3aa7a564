/** A job without the units that withdrew is the job on files that never had them: whatever it asks, through whatever table. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId, OrganisationId } from '#contract/id.ts';
import type { Answer } from '#contract/job.ts';
import { sealAddition } from '#sandbox/withdrawals/addition.ts';
import { AGENCY, EVERYBODY, FIRMS, PERSONS, WithdrawalDomain, type Without } from '../../support/withdrawal-domain.ts';

let domain: WithdrawalDomain;
let all: Awaited<ReturnType<WithdrawalDomain['load']>>;
beforeAll(async () => {
  domain = new WithdrawalDomain();
  all = await domain.load(EVERYBODY);
}, 30_000);
afterAll(() => domain.close());

const QUESTIONS = [
  'select count(*) from persons', 'select ward, count(*), sum(income), avg(income) from persons group by ward', 'select ward, age_band, count(*) from persons group by all', 'select count(*), count(distinct number), sum(income) from persons where age_band = \'30–59\'',
  'select stddev(income), quantile_cont(income, 0.5) from persons', 'select count(*), sum(cost), avg(cost) from visits', 'select p.ward, count(*), sum(v.cost) from persons p join visits v on v.member = p.member group by 1', 'select count(distinct p.number), count(*) from persons p left join visits v on v.member = p.member',
  'select trade, count(*), sum(capital) from firms group by trade', 'select count(*), sum(wage), count(distinct number), count(distinct code) from jobs', 'select f.trade, count(*), avg(j.wage) from firms f join jobs j on j.code = f.code group by 1', 'select p.ward, f.trade, count(*) from persons p join jobs j on j.number = p.number join firms f on f.code = j.code group by all',
  'select w.side, count(*) from persons p join wards w on w.ward = p.ward group by 1', 'select count(*) from persons where number in (select number from jobs)', 'select count(*) from persons p where not exists (select 1 from visits v where v.member = p.member)', 'select n, count(*) from (select number, count(*) as n from jobs group by number) group by n',
  'select count(*), sum(reading) from sensors', 'select ward, side from wards',
];

const said = (answer: Answer): unknown => (answer.kind === 'released' ? { table: answer.envelope.table, withheld: answer.envelope.statement.withheld } : answer);

describe.each<[string, Without]>([
  ['one person', { persons: new Set([PERSONS[8]!.number]), firms: new Set() }],
  ['a ward but for three', { persons: new Set(PERSONS.filter(({ ward }, i) => ward === '丁' && i > 12).map(({ number }) => number)), firms: new Set() }],
  ['some firms', { persons: new Set(), firms: new Set(FIRMS.filter((_, i) => i % 3 === 0).map(({ code }) => code)) }],
  ['persons and firms', { persons: new Set(PERSONS.filter((_, i) => i % 7 === 2).map(({ number }) => number)), firms: new Set([FIRMS[1]!.code, FIRMS[2]!.code]) }],
  ['every person', { persons: new Set(PERSONS.map(({ number }) => number)), firms: new Set() }],
])('%s withdrew', (_, gone) => {
  test('every answer is that of files without them', async () => {
    const mark = domain.chain.length;
    if (gone.persons.size > 0) expect(await domain.record(all, { unit: 'person', identifiers: [...gone.persons] })).toMatchObject({ units: gone.persons.size, known: gone.persons.size });
    if (gone.firms.size > 0) expect(await domain.record(all, { unit: 'enterprise', identifiers: [...gone.firms] })).toMatchObject({ units: gone.firms.size, known: gone.firms.size });
    const [hidden, absent] = [await domain.worker(all), await domain.load(gone)];
    await domain.tell(hidden);
    const never = await domain.worker(absent);
    let released = 0;
    for (const sql of QUESTIONS) {
      const [here, there] = [said(await domain.ask(hidden, all, sql)), said(await domain.ask(never, absent, sql))];
      expect(here, sql).toEqual(there);
      if ('table' in (here as object)) released++;
    }
    expect(released).toBeGreaterThan(12);
    // Taken back: as if nothing had been.
    if (gone.persons.size > 0) await domain.record(all, { unit: 'person', change: 'reinstate', identifiers: [...gone.persons] });
    if (gone.firms.size > 0) await domain.record(all, { unit: 'enterprise', change: 'reinstate', identifiers: [...gone.firms] });
    await domain.tell(hidden);
    const whole = await domain.worker(all);
    for (const sql of QUESTIONS.slice(0, 8)) expect(said(await domain.ask(hidden, all, sql)), sql).toEqual(said(await domain.ask(whole, all, sql)));
    expect(domain.chain.length).toBeGreaterThan(mark + 1);
  }, 60_000);
});

describe('a batch', () => {
  test('reads identifiers as the files have them: numbers by value, and each unit once', async () => {
    const { number } = PERSONS[0]!;
    expect(await domain.record(all, { unit: 'person', identifiers: [number, `00${number}`, `+${number}`, PERSONS[1]!.number, '99'] })).toMatchObject({ kind: 'withdrawal-sealed', units: 3, known: 2 });
    const worker = await domain.worker(all);
    await domain.tell(worker);
    expect(worker.withdrawals.units(AGENCY).get('person')?.size).toBe(3);
    await domain.record(all, { unit: 'person', change: 'reinstate', identifiers: [number, PERSONS[1]!.number, '99'] });
    await domain.tell(worker);
    expect(worker.withdrawals.units(AGENCY).has('person')).toBe(false);
  });

  test.each([
    [['100', 'x100'], 2, 1], [['1.5', 'a', 'b'], 1, 3], [['9'.repeat(40)], 1, 1], [[' '], 1, 1],
  ])('is refused where an identifier cannot be one (%j), by place and without its text', async (identifiers, line, count) => {
    const refused = await domain.record(all, { unit: 'person', identifiers });
    expect(refused).toMatchObject({ kind: 'ingest-refused', problems: [{ code: 'ingest/type', table: 'persons', column: 'number', line, count }] });
  });

  test.each(['row', 'household'])('is refused for a kind that nothing identifies (%s)', async (unit) => {
    expect(await domain.record(all, { unit, identifiers: ['1'] })).toMatchObject({ kind: 'ingest-refused', problems: [{ code: 'ingest/unknown-unit-kind' }] });
  });

  test('is no secret message: the same identifiers twice make two texts, and neither holds them', async () => {
    const sealed = [];
    for (const _ of [1, 2]) {
      const answer = await domain.record(all, { unit: 'enterprise', identifiers: ['f-CANARY'] });
      if (answer.kind === 'withdrawal-sealed') sealed.push(answer.sealed);
    }
    expect(new Set(sealed).size).toBe(2);
    expect(Buffer.from(sealed.join(''), 'base64').toString('latin1')).not.toContain('CANARY');
  });
});

describe('whose record', () => {
  const other = OrganisationId.parse(newId('org', (bytes) => new Uint8Array(bytes).fill(2)));
  const person = [PERSONS[3]!.number];
  const count = async (by: OrganisationId): Promise<unknown> => {
    const worker = await domain.worker(all);
    await domain.tell(worker);
    const answer = await domain.ask(worker, all, 'select count(*) from persons', worker.withdrawals.head, by);
    return answer.kind === 'released' ? answer.envelope.table.rows[0]?.[0] : answer;
  };

  test('a unit comes back when it has been taken off on every ground; what another agency records does not count', async () => {
    const steps: readonly (readonly [Parameters<WithdrawalDomain['record']>[1], string, string])[] = [
      [{ unit: 'person', identifiers: person }, '239', '240'],
      [{ unit: 'person', ground: 'objection', identifiers: person }, '239', '240'],
      [{ unit: 'person', by: other, change: 'reinstate', identifiers: person }, '239', '240'],
      [{ unit: 'person', by: other, identifiers: [...person, PERSONS[4]!.number] }, '239', '238'],
      [{ unit: 'person', change: 'reinstate', identifiers: person }, '239', '238'],
      [{ unit: 'person', ground: 'objection', change: 'reinstate', identifiers: person }, '240', '238'],
      [{ unit: 'person', change: 'reinstate', identifiers: person }, '240', '238'],
    ];
    for (const [batch, own, others] of steps) {
      await domain.record(all, batch);
      expect([await count(AGENCY), await count(other)], JSON.stringify(batch)).toEqual([own, others]);
    }
  }, 30_000);

  test('one worker that is asked for both sees each without its own', async () => {
    const worker = await domain.worker(all);
    await domain.tell(worker);
    const { head } = worker.withdrawals;
    for (const [by, n] of [[AGENCY, '240'], [other, '238'], [AGENCY, '240']] as const) {
      expect(said(await domain.ask(worker, all, 'select count(*) from persons', head, by))).toMatchObject({ table: { rows: [[n]] } });
    }
  });
});

test.each([
  'select count(*) from "whole town.persons"."rows"', 'select count(*) from "whole town.persons".main."rows"', 'select count(*) from "town.persons"."rows"', 'select count(*) from memory.main."hidden 0"', 'select count(*) from memory."hidden 0"', 'select count(*) from duckdb_tables()',
  'select count(*) from town."whole persons"', 'select count(*) from __given', 'select count(*) from temp.main.__listed',
])('what is behind the view cannot be asked for: %s', async (sql) => {
  await domain.record(all, { unit: 'person', identifiers: [PERSONS[9]!.number] });
  const worker = await domain.worker(all);
  await domain.tell(worker);
  expect((await domain.ask(worker, all, sql)).kind).toBe('refused');
  await domain.record(all, { unit: 'person', change: 'reinstate', identifiers: [PERSONS[9]!.number] });
});

describe('the chain', () => {
  test('a later snapshot does not bring them back', async () => {
    await domain.record(all, { unit: 'person', identifiers: [PERSONS[5]!.number] });
    const later = await domain.load({ persons: new Set([PERSONS[6]!.number]), firms: new Set() });
    const worker = await domain.worker(later);
    await domain.tell(worker);
    expect(said(await domain.ask(worker, later, 'select count(*) from persons'))).toMatchObject({ table: { rows: [['238']] } });
    await domain.record(all, { unit: 'person', change: 'reinstate', identifiers: [PERSONS[5]!.number] });
  });

  test('a worker answers for the list that the job names, and for no other', async () => {
    const worker = await domain.worker(all);
    const ask = (withdrawals: Parameters<WithdrawalDomain['ask']>[3]) => domain.ask(worker, all, 'select count(*) from persons', withdrawals);
    expect((await ask(null)).kind).toBe('released');
    await expect(ask(domain.chain[0]!.head)).rejects.toThrow('withdrawal list');
    await domain.tell(worker, 1);
    expect((await ask(domain.chain[0]!.head)).kind).toBe('released');
    await expect(ask(null)).rejects.toThrow('withdrawal list');
  });

  test('an entry left out, exchanged, altered or of another batch is taken by nobody', async () => {
    const [first, second] = domain.chain;
    const take = async (entry: typeof first) => (await domain.worker(all)).withdrawals.take(entry!, domain.sealingKey);
    await expect(take(second)).rejects.toThrow('not the next one');
    await expect(take({ ...first!, sealed: second!.sealed })).rejects.toThrow('not the next one');
    await expect(take({ ...first!, of: second!.of })).rejects.toThrow('cannot be opened');
    const forged = sealAddition(randomBytes(32), first!.of, { change: 'reinstate', ground: 'consent', by: 'x', unit: 'person', pseudonyms: [] }, randomBytes);
    await expect(take({ ...first!, sealed: forged })).rejects.toThrow('not the next one');
    await expect(take(first)).resolves.toBeUndefined();
  });
});
