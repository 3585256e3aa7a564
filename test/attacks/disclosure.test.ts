/**
 * Attacks on withheld cells within one job, under the suppression family. What an attacker learns is measured in two ways:
 *
 * - Worlds. The same question is asked of domains that differ only in what is withheld: in one the three persons of 崂山 live in
 *   李沧, in one one of them does, in one they earn something else, in one the largest earner of 市北 earns another fortune. If the answers are the same,
 *   nothing about the difference was learnt, whatever the attacker computes.
 * - Combinations. Where totals legitimately differ between worlds, every sum and difference of up to four released numbers is
 *   compared with the secret ones.
 *
 * Both are done without the rules as well: what the same questions tell then is what the rules keep.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '#contract/job.ts';
import type { ResultTable } from '#contract/table.ts';
import { PEOPLE, policyWith, TARGET, Vault, VISITS, type VaultPerson } from './support/vault.ts';

/** The largest earner of 市北, by far. */
const FORTUNE = 64;

const elsewhere: readonly VaultPerson[] = PEOPLE.map((person) => (person.district === '崂山' ? { ...person, district: '李沧' } : person));
/** One of the three in 李沧: what goes by the sizes of all groups, in whatever order, differs as well. */
const apart: readonly VaultPerson[] = PEOPLE.map((person, i) => (i === TARGET ? { ...person, district: '李沧' } : person));
const otherIncomes: readonly VaultPerson[] = PEOPLE.map((person, i) => (person.district === '崂山' ? { ...person, income: i % 2 === 0 ? '1234567.89' : null, age: 74 - person.age + 20 } : person));
const dominated = (fortune: string): readonly VaultPerson[] => PEOPLE.map((person, i) => (person.district !== '市北' ? person : { ...person, income: i === FORTUNE ? fortune : `${100 + i}.00` }));

type World = 'base' | 'elsewhere' | 'apart' | 'otherIncomes' | 'rich' | 'richer';
const worlds = {} as Record<World, Vault>;

beforeAll(async () => {
  const open: Record<World, Parameters<typeof Vault.open>[0]> = {
    base: {}, elsewhere: { people: elsewhere }, apart: { people: apart }, otherIncomes: { people: otherIncomes },
    rich: { people: dominated('7000000.00') }, richer: { people: dominated('9999999.00') },
  };
  for (const [world, options] of Object.entries(open) as [World, Parameters<typeof Vault.open>[0]][]) worlds[world] = await Vault.open(options);
}, 120_000);
afterAll(async () => {
  for (const vault of Object.values(worlds)) await vault.close();
});

const UNPROTECTED = policyWith({ units: { person: { min: 0 } }, dominance: [] });

/** Of `probes`, those whose answers differ among worlds where no rule withholds anything. */
async function telling(probes: readonly string[], among: readonly World[]): Promise<readonly string[]> {
  const unprotected = among.map((world) => worlds[world].under(UNPROTECTED));
  const told: string[] = [];
  for (const sql of probes) {
    const answers = new Set<string>();
    for (const vault of unprotected) answers.add(JSON.stringify(seen(await vault.ask(sql))));
    if (answers.size > 1) told.push(sql);
  }
  return told;
}

/** What an operator sees of an answer. The commitment is salted by job, the time is not part of it. */
function seen(answer: Answer): unknown {
  switch (answer.kind) {
    case 'released': {
      const { table, statement, cost } = answer.envelope;
      return { kind: answer.kind, table, statement, cost };
    }
    default: return answer;
  }
}

function released(answer: Answer): ResultTable {
  if (answer.kind !== 'released') throw new Error(`not released: ${JSON.stringify(answer)}`);
  return answer.envelope.table;
}

const ONLY = "where district = '崂山'";
const BOTH = "where district in ('崂山', '李沧')";

/** Questions that touch the withheld groups; `null`: whole tables, whose other rows are the same in both worlds. */
const PROBES = {
  'empty or small': [
    'select district, count(*) from persons group by district', 'select district, count(income) from persons group by district', 'select district, sum(income), avg(income) from persons group by district',
    'select district, count(distinct id) from persons group by district', 'select district, count(*) from persons group by rollup (district)', 'select district, age < 30, count(*) from persons group by cube (district, age < 30) having district is not null',
    `select count(*) from persons ${ONLY}`, `select count(*) from persons where district = '李沧'`, `select count(*) from persons ${BOTH}`, `select sum(income) from persons ${BOTH}`, `select district, count(*) from persons ${ONLY} group by district`, `select district, count(*) from persons ${BOTH} group by district`,
    'select distinct district from persons', 'select district from persons group by district', 'select count(*) from (select distinct district from persons)', "select district in ('崂山', '李沧'), count(*) from persons group by 1", 'select d.district, (select count(*) from persons p where p.district = d.district) from districts d',
    'select d.district, (select sum(income) from persons p where p.district = d.district) from districts d', 'select * from districts where district in (select district from persons group by district)', 'select * from districts where district not in (select district from persons group by district)',
    'select d.district, x.n from districts d left join (select district, count(*) n from persons group by district) x on x.district = d.district', 'select d.district, x.n from (select district, count(*) n from persons group by district) x full join districts d on x.district = d.district',
    'select district from districts except select district from persons group by district', 'select district from districts intersect select district from persons group by district',
  ],
  'flags through expressions': [
    "case when count(*) is null then 'none' else 'some' end", 'coalesce(count(*), -1)', 'count(*) is null', 'count(*) is not null', 'count(*) = count(*)', 'count(*) is distinct from 3', 'count(*) is not distinct from null', 'nullif(count(*), 3)', 'greatest(count(*), 0)', 'least(count(*), 10)', "concat(count(*), 'x')", "concat_ws('-', district, count(*))",
    'count(*) + 0', 'count(*) * 0', 'count(*) in (1, 2, 3)', 'count(*) between 0 and 9', 'case count(*) when 3 then true else false end', 'if(count(*) > 0, 1, 0)', 'coalesce(sum(income), 0)', 'ifnull(avg(income), 0)', 'sum(income) / count(*)', 'case when sum(income) > 0 then 1 else 0 end', 'not (count(*) < 10)', 'count(*) > 0 or true', 'count(*) > 0 and false', 'length(count(*)::varchar)', 'try_cast(count(*) as tinyint)',
  ].map((value) => `select district, ${value} as v from persons group by district`),
  'HAVING, ORDER BY, LIMIT, QUALIFY': [
    'having count(*) < 10', 'having count(*) > 0', 'having count(*) is null', 'having not (count(*) > 0)', 'having sum(income) > 0', 'having coalesce(count(*), 3) = 3', 'having count(*) = 3', 'having count(*) is distinct from 3', 'having max(1) = 1 and count(*) in (3)', 'order by count(*)', 'order by count(*) desc', 'order by count(*) nulls first limit 1', 'order by count(*) nulls first, district desc limit 1',
    'order by sum(income) limit 3', 'order by coalesce(count(*), 3)', 'order by count(*) = 3', 'order by case when count(*) < 10 then 0 else 1 end, district', 'order by count(*) limit 1 offset 2', 'qualify row_number() over (order by count(*)) = 3', 'qualify rank() over (order by count(*)) <= 2', 'qualify count(*) = min(count(*)) over ()',
  ].map((clause) => `select district from persons group by district ${clause}`),
  'windows and sets over released tables': [
    'sum(n) over ()', 'count(n) over ()', 'count(*) over ()', 'count(*) over (partition by n)', 'row_number() over (order by n)', 'rank() over (order by n desc)', 'dense_rank() over (order by n)', 'percent_rank() over (order by n)', 'ntile(2) over (order by n)', 'lag(n) over (order by district)', 'lead(n, 1, 0) over (order by district)', 'first_value(district) over (order by n)', 'last_value(n) over (order by n rows between unbounded preceding and unbounded following)',
    'bool_or(n is null) over ()', 'min(n) over ()', 'max(coalesce(n, 3)) over ()', 'sum(case when n is null then 1 else 0 end) over ()', 'avg(n) over (order by district rows between 1 preceding and 1 following)',
  ].map((value) => `select district, ${value} as v from (select district, count(*) as n from persons group by district)`),
  'joins and unions of released tables': [
    'select a.district, b.district from g a join g b on a.n = b.n', 'select a.district, b.district from g a join g b on a.n is not distinct from b.n', 'select a.district, b.district from g a join g b on coalesce(a.n, 3) = coalesce(b.n, 0)', 'select a.district, b.district from g a left join g b on a.n < b.n', 'select district, n from g union select district, 3 from districts', 'select n from g intersect select 3',
    'select n from g except select 0', 'select n, count(*) from g group by n', 'select distinct n from g', 'select count(*), count(n), sum(n), min(n), max(n) from g', 'select bool_or(n = 3), bool_and(n > 3) from g', 'select count(*) from g where n is null', 'select count(*) from g where n < 10', 'select max(district) from g where n is null', 'select list_position from (select district as list_position from g where coalesce(n, 0) = 0)',
    'select d.district from districts d join g on g.n = d.factor', 'select d.district from districts d where d.factor in (select n from g)', 'select d.district from districts d where d.factor not in (select n from g)', 'select d.district from districts d where d.factor > all (select n from g)', 'select d.district from districts d where exists (select 1 from g where g.n = d.factor)',
    'select count(*) from persons where district = (select district from g order by n limit 1)', 'select count(*) from persons where district in (select district from g where n is null)', 'select sum(income) from persons where district in (select district from g where coalesce(n, 0) < 10)', 'select count(*) from persons where (select min(n) from g) > 3', 'select count(*) from persons where (select count(*) from g where n is null) > 1',
  ].map((sql) => `with g as (select district, count(*) as n from persons group by district) ${sql}`),
  'amplification against the threshold': [
    'select p.district, count(*) from persons p cross join (values (1), (2), (3), (4)) v(x) group by p.district', 'select p.district, count(*), sum(p.income) from persons p cross join districts d group by p.district', 'select p.district, count(*) from persons p cross join districts a cross join districts b group by p.district',
    'select p.district, count(*) from persons p join districts d on true group by p.district', 'select p.district, count(*) from persons p join persons q on p.id = q.id group by p.district', 'select p.district, count(*), count(distinct p.id) from persons p join persons q on p.id = q.id join persons r on r.id = q.id cross join districts group by p.district',
    'select district, count(*) from (select * from persons union all select * from persons) group by district', 'select district, count(*) from (select district, id from persons union all select district, id from persons union all select district, id from persons union all select district, id from persons) group by district', 'select p.district, count(*) from persons p, districts d, (values (1), (2)) v(x) where p.district = d.district group by p.district',
    'select d.region, p.district, count(*) from persons p join districts d on p.district = d.district group by all', 'select p.district, count(distinct v.x) from persons p cross join (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) v(x) group by p.district', 'select p.district, sum(v.x) from persons p cross join (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) v(x) group by p.district',
    'select p.district, sum(p.income * 10) from persons p cross join districts group by p.district', 'select district, count(*) from persons group by grouping sets ((district), (district), (district))', 'select p.district, count(*) from persons p join visits v on p.id = v.person group by p.district', 'select p.district, count(*), sum(v.cost) from persons p join visits v on p.id = v.person cross join districts group by p.district',
    'select p.district, count(*) from persons p right join districts d on p.district = d.district group by p.district', 'select p.district, count(d.factor) from persons p left join districts d on true group by p.district', 'select d.district, count(*) from districts d left join persons p on p.district = d.district group by d.district', 'select d.district, count(p.id) from persons p full join districts d on p.district = d.district group by d.district',
  ],
  'branches and offsets': [
    "sum(case when district = '崂山' then income end)", "sum(case when district = '崂山' then income else 0 end)", "sum(case when district = '崂山' then 1 else 0 end)", "count(case when district = '崂山' then 1 end)", "count(*) filter (where district = '崂山')", "sum(income) filter (where district = '崂山')", "avg(income) filter (where district = '崂山')", "avg(case when district = '崂山' then 1.0 else 0.0 end)", "sum(income * (district = '崂山')::int)",
    "sum(case when district = '崂山' then income + 1000000 else 1000000 end) - 1000000 * count(*)", "sum(case when district = '崂山' then income + 1e6 else 1e6 end)", "sum(case district when '崂山' then 1000000 when '李沧' then 1000 else 1 end)", "sum(case when district = '崂山' then 1 else -1 end)", "count(distinct case when district = '崂山' then id end)", "sum(if(district = '崂山', income, 0))", "sum(coalesce(case when district = '崂山' then income end, 0))",
    "sum(greatest(case when district = '崂山' then income else 0 end, 0))", "count_if(district = '崂山')", "sum(nullif(case when district = '崂山' then 1 else 0 end, 0))", "sum(case when district in ('崂山', '李沧') then income else 0 end)", "sum(case when district <> '市南' and district <> '市北' then income else 0 end)", "sum(case when district = '崂山' then income else 0 end + 0)", "2 * sum(case when district = '崂山' then income / 2 else 0 end)", "count(income) filter (where district = '崂山')",
    "sum(case when district = '崂山' and age < 30 then income else 0 end)", "bool_or(district = '崂山')", "bool_and(district <> '崂山')", "sum(-income) filter (where district = '崂山')", "sum(income - 5000000) filter (where district = '崂山')",
  ].map((value) => `select ${value} as v from persons`),
} as const satisfies Record<string, readonly string[]>;

describe('what is withheld could be anything: who lives in 崂山, and nobody, look alike', () => {
  test.each(Object.entries(PROBES))('%s', { timeout: 180_000 }, async (_, probes) => {
    const learnt: string[] = [];
    let accepted = 0;
    for (const sql of probes) {
      const base = await worlds.base.ask(sql);
      if (base.kind === 'released') accepted++;
      for (const other of ['elsewhere', 'apart', 'otherIncomes'] as const) {
        const answer = await worlds[other].ask(sql);
        if (JSON.stringify(seen(base)) !== JSON.stringify(seen(answer)) && !mayDiffer(sql, other)) learnt.push(`${sql}\n  ${JSON.stringify(seen(base)).slice(0, 300)}\n  ${JSON.stringify(seen(answer)).slice(0, 300)}`);
      }
    }
    expect(learnt, learnt.join('\n')).toEqual([]);
    // A corpus that is refused as a whole would show nothing.
    expect(accepted).toBeGreaterThan(probes.length / 3);
  });

  test('without the rules most of them tell', { timeout: 180_000 }, async () => {
    const probes = Object.values(PROBES).flat();
    const told = new Set(await telling(probes, ['base', 'apart', 'otherIncomes']));
    for (const [name, own] of Object.entries(PROBES)) expect(own.filter((sql) => told.has(sql)).length, name).toBeGreaterThan(own.length / 2);
    expect(told.size).toBeGreaterThan(140);
  });

  /** A total of everybody is public, and so differs where incomes or the ages of everybody do. */
  const mayDiffer = (sql: string, world: World) => world === 'otherIncomes' && (/rollup|cube|1000000|1e6/.test(sql));
});

describe('a dominated total could be any', () => {
  const OF = "from persons where district = '市北'";
  const PROBE = [
    'sum(income)', 'avg(income)', 'sum(income + 1000000)', 'sum(income - 1000000)', 'sum(-income)', 'sum(income * -1 + 5)', 'sum(income / 1000)', 'sum(income * 0.001)', 'sum(income + weight)', 'sum(weight - income)', 'sum(income) + sum(weight)', 'sum(income) / count(*)', 'sum(income) > 8000000', 'sum(income) filter (where age < 120)', "sum(case when district = '市北' then income end)",
    "sum(case when district = '市北' then income + 1000000 else 0 end)", 'sum(income + income)', 'sum(2 * income - income)', 'sum(income - weight * 1000000)', 'sum(income + 1e9)', 'avg(income + 1e9)', 'avg(income) * count(income)', 'coalesce(sum(income), 1)', 'sum(income) is null', 'round(avg(income))', 'sum(income::double)', 'sum(round(income))', 'sum(cast(income as integer))',
  ].map((value) => `select ${value} as v ${OF}`);
  const JOINED = [
    `select sum(income) from persons cross join (values (1), (2), (3), (4)) v(x) where district = '市北'`, `select sum(income * v.x) from persons cross join (values (1), (-1)) v(x) where district = '市北'`, `select sum(income) from persons cross join (values (1), (2)) v(x) where district = '市北' and v.x > 1`, `select sum(p.income) from persons p join visits v on p.id = v.person where p.district = '市北'`, `select sum(p.income - v.cost) from persons p join visits v on p.id = v.person where p.district = '市北'`,
    `select district, sum(income) from persons where district = '市北' group by district`, `select age < 30, sum(income) from persons where district = '市北' group by 1`, `select district, sum(income) from persons where district = '市北' group by rollup (district)`, `select sum(income), count(income), avg(income) ${OF}`, `select sum(s) from (select district, sum(income) s from persons group by district) where district = '市北'`,
  ];

  test(`${PROBE.length + JOINED.length} ways of asking for it`, { timeout: 180_000 }, async () => {
    const learnt: string[] = [];
    let accepted = 0;
    for (const sql of [...PROBE, ...JOINED]) {
      const [one, other] = [await worlds.rich.ask(sql), await worlds.richer.ask(sql)];
      if (one.kind === 'released') accepted++;
      if (JSON.stringify(seen(one)) !== JSON.stringify(seen(other))) learnt.push(`${sql}\n  ${JSON.stringify(seen(one)).slice(0, 300)}\n  ${JSON.stringify(seen(other)).slice(0, 300)}`);
    }
    expect(learnt, learnt.join('\n')).toEqual([]);
    expect(accepted).toBeGreaterThan(15);
  });

  test('without the rules most of them tell', { timeout: 180_000 }, async () => {
    const probes = [...PROBE, ...JOINED];
    const told = await telling(probes, ['rich', 'richer']);
    expect(told.length).toBeGreaterThan(30);
  });
});

/** In units of 10⁻⁶, so that sums are compared exactly. */
const exact = (value: string | number): bigint => {
  const [whole = '0', fraction = ''] = String(value).split('.');
  return BigInt(whole) * 1_000_000n + BigInt(`${whole.startsWith('-') ? '-' : ''}${fraction.slice(0, 6).padEnd(6, '0')}`);
};

/** Every number that can be had from up to four of `numbers`, each added or taken away once. */
function combinations(numbers: readonly bigint[]): Set<bigint> {
  let reached = new Map<bigint, number>([[0n, 0]]);
  for (const number of new Set(numbers)) {
    const next = new Map(reached);
    for (const [sum, used] of reached) {
      if (used >= 4) continue;
      for (const other of [sum + number, sum - number]) if ((next.get(other) ?? 9) > used + 1) next.set(other, used + 1);
    }
    reached = next;
  }
  return new Set(reached.keys());
}

describe('no sum or difference of what one job releases is a secret, with secondary: required', () => {
  const small = PEOPLE.filter(({ district }) => district === '崂山');
  const incomes = small.flatMap(({ income }) => (income === null ? [] : [exact(income)]));
  const total = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n);
  const costs = VISITS.filter(({ person }) => small.some(({ id }) => id === person)).map(({ cost }) => exact(cost));
  const secrets = [total(incomes), total(costs), BigInt(small.length) * 1_000_000n, BigInt(incomes.length) * 1_000_000n, ...incomes, ...costs];

  const JOBS = {
    'a margin minus its cells': ['select district, count(*) from persons group by rollup (district)', "select district, count(*) from persons group by district union all select 'all', count(*) from persons", 'select district, count(*), sum(count(*)) over () from persons group by district', 'select district, age < 30, count(*) from persons group by cube (district, age < 30)', 'select (select count(*) from persons) as a, district, count(*) from persons group by district'],
    'a total minus its cells, where one that is withheld is empty': ['select district, sum(income) from persons group by rollup (district)', 'select district, sum(income), count(income) from persons group by rollup (district)', 'select (select sum(income) from persons) as a, district, sum(income) from persons group by district', 'select district, age < 30, sum(income) from persons group by cube (district, age < 30)', 'select district, avg(income), sum(income) from persons group by rollup (district)'],
    'a whole minus its branches': ["select count(*), count(*) filter (where district <> '崂山') from persons", "select sum(income), sum(income) filter (where district <> '崂山') from persons", "select sum(income), sum(case when district <> '崂山' then income else 0 end) from persons", "select count(*), sum(case when district in ('市南', '市北') then 1 else 0 end) from persons", "select count(*), count_if(district <> '崂山') from persons"],
    'rows minus rows with a value': ['select count(*), count(income) from persons', 'select district, count(*), count(income) from persons group by district', 'select district, count(*) - count(income) from persons group by district'],
    'a mean times its count': ['select district, avg(income), count(income) from persons group by rollup (district)', 'select district, avg(income) * count(income) from persons group by district'],
  } as const;

  /** Which secrets a job tells. */
  async function learnt(vault: Vault, sql: string): Promise<readonly bigint[]> {
    const { rows } = released(await vault.ask(sql));
    const reached = combinations(rows.flat().filter((value): value is number | string => typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))).map(exact));
    return secrets.filter((secret) => reached.has(secret) || reached.has(-secret));
  }

  describe.each(Object.entries(JOBS))('%s', (_, jobs) => {
    test('tells nothing', { timeout: 180_000 }, async () => {
      for (const sql of jobs) expect(await learnt(worlds.base.under(policyWith({ secondary: 'required' })), sql), sql).toEqual([]);
    });

    test('and without tells a secret in half of them and more', { timeout: 180_000 }, async () => {
      const told = [];
      for (const sql of jobs) told.push((await learnt(worlds.base, sql)).length > 0);
      expect(told.filter(Boolean).length).toBeGreaterThanOrEqual(jobs.length / 2);
    });
  });
});
