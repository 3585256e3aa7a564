/**
 * Nothing that the gate accepts goes untested: every scalar function below and above the gate, every aggregate, window function,
 * shape and construct is generated here at least once, accepted, and answered as plain DuckDB answers it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGGREGATES } from '#sandbox/sql/functions/aggregates.ts';
import { SCALARS } from '#sandbox/sql/functions/scalars.ts';
import { WINDOWS } from '#sandbox/sql/functions/windows.ts';
import { makeData } from './data.ts';
import { kindsIn, WANTED } from './kinds.ts';
import { FORM_NAMES, query, type Aim, type Generated } from './queries.ts';
import { SHAPES, type Shape } from './relations.ts';
import { SIGNATURES } from './scalars.ts';
import { ABOVE, STATISTICS, WINDOW_CALLS } from './statistics.ts';
import { Tape } from './tape.ts';
import { World } from './world.ts';

let world: World;
let rich: ReturnType<typeof makeData>;
const kinds = new Set<string>();

/** A reproducible sequence of choices (mulberry32). */
function choices(seed: number, length: number): Tape {
  let state = seed;
  return new Tape(Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 1;
  }));
}

beforeAll(async () => {
  // 25 people: enough for every kind of row.
  rich = makeData(new Tape([3, ...Array.from({ length: 1500 }, (_, i) => (i * 2_654_435_761) >>> 8)]));
  world = await World.open(rich);
});
afterAll(() => { world.close(); });

/** The first of some tries that has what is aimed at and is answered the same; any other answer is an error. */
async function once(aim: () => Aim, has: (generated: Generated, aim: Aim) => boolean = () => true): Promise<void> {
  const seen: string[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const aimed = aim();
    const generated = query(choices(seed * 7919, 200), aimed);
    if (!has(generated, aimed)) continue;
    const outcome = await world.ask(generated);
    if (outcome.kind === 'differs') throw new Error(`${generated.sql}\n\n${outcome.why}`);
    if (outcome.kind === 'same') {
      for (const kind of await world.kinds(generated.sql)) kinds.add(kind);
      return;
    }
    seen.push(`${outcome.kind}: ${outcome.why.slice(0, 200)}\n  ${generated.sql.slice(0, 300)}`);
  }
  throw new Error(`never accepted and answered\n${seen.slice(0, 3).join('\n')}`);
}

/** Functions that make an interval: no result of a gate by themselves. */
const STEPS = [...SCALARS.keys()].filter((name) => name.startsWith('to_'));

const used = (_: Generated, { focus }: Aim): boolean => focus?.used === true;

describe('every function', () => {
  test('has a line that says how to call it', () => {
    expect([...SIGNATURES.keys()].sort()).toEqual([...SCALARS.keys()].sort());
    expect([...new Set(ABOVE.map(({ name }) => name))].sort()).toEqual([...AGGREGATES.keys()].sort());
    expect([...WINDOWS.keys()].filter((name) => !WINDOW_CALLS.some((call) => call.name === name))).toEqual([]);
  });

  test.each(STEPS)('%s below the gate, in a step of time', async (name) => {
    for (const type of ['seen', 'moved']) expect(await world.ask({ sql: `SELECT p.${type} + ${name}(2) AS c0, p.${type} - ${name}(3) AS c1, count(*) AS c2 FROM lab.people p GROUP BY 1, 2`, ordered: false })).toEqual({ kind: 'same' });
  });
  test.each([...SCALARS.values()].filter(({ below, name }) => below !== 'above' && !STEPS.includes(name)).map(({ name }) => name))('%s below the gate', (name) =>
    once(() => ({ form: 'grouped', shape: 'people', focus: { name, used: false } }), used));
  test.each([...SCALARS.keys()])('%s above the gate', (name) => once(() => ({ form: name.startsWith('to_') ? 'derived' : 'public', focus: { name, used: false } }), used));
  test.each([...new Set(ABOVE.map(({ name }) => name))])('%s of released values', (name) => once(() => ({ form: 'again', above: name, shape: 'people', statistic: 'count_star' })));
  test.each([...new Set(WINDOW_CALLS.map(({ name }) => name))])('%s over a window', (name) => once(() => ({ form: 'windows', window: name, shape: 'people', statistic: 'count_star' })));
});

describe('every statistic of protected rows', () => {
  test.each([...new Set(STATISTICS.map(({ name }) => name))])('%s', (name) => once(() => ({ form: 'grouped', shape: 'people', statistic: name })));

  test('and no other is accepted', async () => {
    const tried = new Set(STATISTICS.map(({ name }) => name));
    for (const name of AGGREGATES.keys()) {
      if (tried.has(name)) continue;
      for (const args of ['', 'p.born', 'p.born, 0.5', 'p.born, p.income', 'p.member', 'p.note', `p.note, ','`]) {
        const outcome = await world.ask({ sql: `SELECT ${name}(${args}) FROM lab.people p`, ordered: false });
        expect(outcome.kind, `${name}(${args}) is accepted below the gate, and nothing generates it`).toBe('refused');
      }
    }
  });
});

describe('every shape', () => {
  test.each(Object.keys(SHAPES) as Shape[])('of rows: %s', (shape) => once(() => ({ form: 'grouped', shape })));
  test.each(FORM_NAMES)('of queries: %s', (form) => once(() => ({ form })));
});

/** Constructs that no shape above has: each as people would write it. */
const WRITTEN: readonly (readonly [string, string])[] = [
  ['NATURAL JOIN', 'SELECT a.code, a.part, count(*) AS n FROM lab.places a NATURAL JOIN (SELECT code, area AS space FROM lab.places) b GROUP BY ALL'],
  ['DISTINCT ON', 'SELECT DISTINCT ON (r) r, n FROM (SELECT p.region AS r, p.member AS m, count(*) AS n FROM lab.people p GROUP BY 1, 2) t ORDER BY r, n, m'],
  ['VALUES', `VALUES (1, 'a'), (2, NULL)`],
  ['* EXCLUDE', 'SELECT * EXCLUDE (m) FROM (SELECT p.region AS r, p.member AS m, count(*) AS n FROM lab.people p GROUP BY 1, 2) t'],
  ['* REPLACE', 'SELECT * REPLACE (n * 2 AS n) FROM (SELECT p.region AS r, count(*) AS n FROM lab.people p GROUP BY 1) t'],
  ['HAVING on another statistic', 'SELECT p.region, sum(p.born) FROM lab.people p GROUP BY p.region HAVING count(DISTINCT p.person_id) > 1 AND avg(p.born) > 1900.123'],
  ['EXCEPT', 'SELECT p.region FROM lab.people p GROUP BY 1 EXCEPT SELECT d.code FROM lab.places d'],
  ['EXCEPT below the gate', 'SELECT count(*) FROM (SELECT p.person_id FROM lab.people p EXCEPT SELECT v.person_id FROM lab.visits v) t'],
  ['IGNORE NULLS', 'SELECT r, lag(s IGNORE NULLS) OVER (ORDER BY r) FROM (SELECT p.region AS r, sum(p.income) AS s FROM lab.people p GROUP BY 1) t'],
  ['named window', 'SELECT p.region, count(*) AS n, sum(count(*)) OVER w FROM lab.people p GROUP BY 1 WINDOW w AS (ORDER BY p.region)'],
  ['range frame', 'SELECT y, n, sum(n) OVER (ORDER BY y RANGE BETWEEN 10 PRECEDING AND CURRENT ROW) FROM (SELECT p.born AS y, count(*) AS n FROM lab.people p GROUP BY 1) t'],
  ['GROUP BY alias and position', 'SELECT year(p.moved) AS y, p.member, count(*) FROM lab.people p GROUP BY y, 2'],
];

test.each(WRITTEN)('%s', async (_, sql) => {
  const outcome = await world.ask({ sql, ordered: false });
  expect(outcome).toEqual({ kind: 'same' });
  for (const kind of await world.kinds(sql)) kinds.add(kind);
});

test('every construct was met above', async () => {
  for (let seed = 1; seed <= 60 && WANTED.some((kind) => !kinds.has(kind)); seed++) {
    const generated = query(choices(seed, 200));
    if ((await world.ask(generated)).kind === 'same') for (const kind of await world.kinds(generated.sql)) kinds.add(kind);
  }
  expect(WANTED.filter((kind) => !kinds.has(kind))).toEqual([]);
});
