/** One count in 26 spellings, with one person more or less: whatever the words, the same number comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded } from '../../support/ledger-domain.ts';

/** Of everybody below 100 … */
const SPELLINGS: readonly string[] = [
  'select count(*) from people where age < 100',
  'select count(*) from people where age <> 100',
  'select count(*) from people where not age = 100',
  'select count(*) from people where age <= 99',
  'select count(*) from people where 100 > age',
  'select count(*) from people where age between 0 and 99',
  'select count(*) from people where age not in (100)',
  'select count(*) from people where age not between 100 and 120',
  'select count(*) from people where age < 50 or (age >= 50 and age < 100)',
  'select count(*) filter (where age < 100) from people',
  'select sum(case when age < 100 then 1 else 0 end) from people',
  'select sum(case when age = 100 then 0 else 1 end) from people',
  'select count(case when age < 100 then 1 end) from people',
  'select count(distinct id) from people where age < 100',
  'select count(income) from people where age < 100',
  'select sum(1) from people where age < 100',
  'select n from (select count(*) as n from people where age < 100)',
  'with young as (select * from people where age < 100) select count(*) from young',
  'select count(*) from (select id, age from people) p where p.age < 100',
  'select count(*) from people p where exists (select 1 from people q where q.id = p.id and q.age < 100)',
  'select count(*) from people where id in (select id from people where age < 100)',
  'select sum(n) from (select district, count(*) as n from people where age < 100 group by district)',
  'select sum(n) from (select sex, count(*) as n from people where age < 100 group by sex)',
  'select count(*) from people join districts using (district) where age < 100',
  "select count(*) from people where age < 100 and (sex = 'F' or sex = 'M')",
  "select count(*) from people where age < 100 and district in ('市南', '市北', '崂山', '李沧')",
];

const domain = new LedgerDomain();
let town: Loaded;
beforeAll(async () => { town = await domain.load([...people(300), { id: 'target', district: '崂山', age: 100, sex: 'F', income: 5000 }]); }, 60_000);
afterAll(() => domain.close());

test('26 spellings of a count without one person give the count with that person, which was released first', async () => {
  expect(new Set(SPELLINGS).size).toBe(26);
  const plain = await domain.branch().operator(town, ledgerPolicy('none'));
  const operator = await domain.operator(town, ledgerPolicy('warn'));
  expect(single(await operator.ask('select count(*) from people'))).toBe(301);
  for (const sql of SPELLINGS) {
    const without = await plain.ask(sql);
    // `single` throws where nothing was released: all of them are understood.
    expect(single(without), sql).toBe(300);
    // Parts by district and sex are new numbers, but the last of them follows from the whole and the others.
    expect(single(await operator.ask(sql)), sql).toBe(301);
  }
}, 60_000);

test('asked again and again, alone or by others, nothing averages out', async () => {
  const branch = domain.branch();
  const operators = await Promise.all([branch.operator(town, ledgerPolicy('refuse')), branch.operator(town, ledgerPolicy('refuse'))]);
  const seen = new Set<number | null>();
  for (let i = 0; i < 6; i++) seen.add(single(await operators[i % 2]!.ask(i % 3 === 0 ? 'select count(*) from people' : SPELLINGS[i]!)));
  expect([...seen]).toEqual([301]);
}, 60_000);
