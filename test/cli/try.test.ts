import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sluice } from '../support/cli.ts';
import { tableCsv } from '../support/perturbation.ts';
import { CANARY, CANARY_INCOME, csvOf, MANIFEST, PEOPLE, POLICY, writeTrial } from '../support/trial.ts';

let root: string;
let counter = 0;
// Temporary domains of these trials only: other processes of this machine make theirs elsewhere.
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-try-test-'));
  vi.stubEnv('TMPDIR', root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const fresh = (changes: Parameters<typeof writeTrial>[1] = {}) => writeTrial(join(root, String(counter++)), changes);
const homesLeft = () => readdirSync(tmpdir()).filter((name) => /^sluice-try-[A-Za-z0-9]{6}$/.test(name));

interface Line {
  id: unknown; outcome: string; columns: unknown[]; rows: unknown[][]; withheld: unknown[]; statement: unknown;
  refusals: { code: string; message: string; position: number | null; clause: string | null }[]; cost: unknown; millis: number; evidence?: unknown;
}
const linesOf = (out: string): Line[] => out.trim().split('\n').map((line) => JSON.parse(line) as Line);
const sorted = (rows: unknown[][]) => rows.map((row) => JSON.stringify(row)).sort();

async function batch(questions: readonly { id: string | number; sql: string }[], more: readonly string[] = []) {
  const { dataset, policy } = fresh();
  const input = questions.map((question) => JSON.stringify(question)).join('\n');
  const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--batch', '-', ...more], { input });
  expect(ran.status, ran.err).toBe(0);
  return linesOf(ran.out);
}

describe('one query', () => {
  test('as JSON: exactly the documented fields', async () => {
    const { dataset, policy } = fresh();
    const sql = 'select district, count(*) as n, sum(income) as total from people group by district order by district';
    const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--sql', sql, '--json']);
    expect(ran).toMatchObject({ status: 0, err: '' });
    const [line] = linesOf(ran.out);
    const incomes = (district: string) => String(PEOPLE.filter((one) => one.district === district).reduce((sum, { income }) => sum + income, 0));
    expect(line).toEqual({
      id: '1',
      outcome: 'released',
      columns: [{ name: 'district', type: 'VARCHAR' }, { name: 'n', type: 'BIGINT' }, { name: 'total', type: 'HUGEINT' }],
      rows: [['崂山', null, null], ['市北', '12', incomes('市北')], ['市南', '30', incomes('市南')], ['李沧', null, null]],
      withheld: [[0, 1], [0, 2], [3, 1], [3, 2]],
      statement: expect.objectContaining({ withheld: 4 }) as unknown,
      refusals: [],
      cost: { gates: 1, cells: expect.any(Number) as number, rows: expect.any(Number) as number },
      millis: expect.any(Number) as number,
    });
    expect(JSON.stringify(line?.statement)).not.toContain('"zh"');
  });

  test('for people: marks and statement; a refusal ends with status 1 and points at its place', async () => {
    const { dataset, policy } = fresh();
    const shown = await sluice(['try', '--dataset', dataset, '--policy', policy, '--sql', 'select district, count(*) as n from people group by district']);
    expect(shown.status, shown.err).toBe(0);
    expect(shown.out).toMatch(/崂山 +·/);
    expect(shown.out).toContain('withheld under the release policy');
    expect(shown.out).toContain('town-statistics@1');
    const refused = await sluice(['try', '--dataset', dataset, '--policy', policy, '--sql', 'select nickname from people']);
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('line 1, column 8: select nickname from people');
  });

  test('open protects nothing, and agrees with the rows that were written', async () => {
    const { dataset } = fresh();
    const ran = await sluice(['try', '--dataset', dataset, '--policy', 'open', '--json', '--sql', 'select district, count(*), sum(income) from people group by all']);
    const [line] = linesOf(ran.out);
    const expected = ['市南', '市北', '崂山'].map((district) => {
      const there = PEOPLE.filter((one) => one.district === district);
      return [district, String(there.length), String(there.reduce((sum, { income }) => sum + income, 0))];
    });
    expect(line).toMatchObject({ outcome: 'released', withheld: [] });
    expect(sorted(line!.rows)).toEqual(sorted(expected));
  });
});

describe('noise by parameters', () => {
  const under = (variance: string, maxDeviation: number, js: number) => {
    const { dataset, policy } = fresh({ policy: { ...POLICY, statistics: { ...POLICY.statistics, mechanism: { kind: 'cell-key', variance, maxDeviation, js } } } });
    return ['--dataset', dataset, '--policy', policy] as const;
  };
  const sql = 'select count(*) as n from people';

  test('that passes the check answers, and says how large it is', async () => {
    for (const [variance, maxDeviation, js] of [['1', 2, 2], ['16', 8, 2], ['10', 10, 3]] as const) {
      const ran = await sluice(['try', ...under(variance, maxDeviation, js), '--json', '--sql', sql]);
      expect(ran).toMatchObject({ status: 0, err: '' });
      expect(linesOf(ran.out)[0]).toMatchObject({ outcome: 'released', statement: { noise: [{ clause: 'town-statistics@1 statistics.mechanism', from: maxDeviation + js, variance, maxDeviation }] } });
    }
  });

  test('that no table has is refused by the check and by a trial, with its place and what would be allowed', async () => {
    const { dataset, policy } = fresh({ policy: { ...POLICY, statistics: { ...POLICY.statistics, mechanism: { kind: 'cell-key', variance: '2', maxDeviation: 2, js: 8 } } } });
    for (const command of [['policy', 'check', policy, '--dataset', dataset], ['try', '--dataset', dataset, '--policy', policy, '--sql', sql]]) {
      const ran = await sluice(command);
      expect(ran.status).not.toBe(0);
      expect(ran.out + ran.err).toContain('with maxDeviation 2, js can be 0 to 2; js 8 needs a maxDeviation of at least 8');
      expect(ran.out + ran.err).toContain('statistics.mechanism.js');
    }
    const chinese = await sluice(['policy', 'check', policy, '--dataset', dataset, '--lang', 'zh']);
    expect(chinese.out + chinese.err).toContain('js 可取 0 至 2;js 为 8 时,maxDeviation 至少为 8');
  });
});

describe('a batch', () => {
  test('answers every line in order, refusals and nonsense among them, and quickly', async () => {
    const questions = Array.from({ length: 60 }, (_, i) => ({
      id: i,
      sql: ['select count(*) from people', 'select name from people', 'selec', 'select avg(income) from people', 'select count(*) from people where age = 33'][i % 5]!,
    }));
    const lines = await batch(questions);
    expect(lines.map(({ id }) => id)).toEqual(questions.map(({ id }) => id));
    expect(lines.map(({ outcome }) => outcome)).toEqual(questions.map((_, i) => ['released', 'refused', 'refused', 'released', 'refused'][i % 5]));
    for (const { outcome, refusals, statement } of lines) {
      expect(refusals.length > 0).toBe(outcome === 'refused');
      expect(statement === null).toBe(outcome !== 'released');
    }
    expect(lines.map(({ millis }) => millis).toSorted((a, b) => a - b)[30]).toBeLessThan(50);
  });

  test('position counts code points of the text as it was given', async () => {
    const sql = "select '😀😀' as smile, nickname from people";
    const [line] = await batch([{ id: 'x', sql }]);
    expect(line?.refusals.map(({ position }) => position)).toContain(Array.from(sql.slice(0, sql.indexOf('nickname'))).length);
  });

  test('--evidence adds which rule decided each cell', async () => {
    const [line] = await batch([{ id: 1, sql: 'select district, sum(income) from people group by district' }], ['--evidence']);
    const evidence = line?.evidence as { gates: { cells: { keys: unknown[]; measures: { outcome: string; decidedBy: string[] }[] }[] }[] };
    const small = evidence.gates[0]?.cells.find(({ keys }) => keys[0] === '崂山');
    expect(small?.measures.some(({ outcome, decidedBy }) => outcome === 'withheld' && decidedBy.includes('town-statistics@1 statistics.units.person.min'))).toBe(true);
  });

  const wrong: [string, string | Uint8Array, RegExp][] = [
    ['a line that is not JSON', '{"id": 1, "sql": "select 1"}\n{"id": 2, "sql": CANARY}', /, line 2 is not JSON/],
    ['an unknown field', '{"id": 1, "sql": "select 1", "limit": 3}', /line 1 does not fit its schema/],
    ['no sql', '{"id": 1}', /sql/],
    ['nothing', '\n\n', /holds no question/],
    ['not UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), /is not UTF-8/],
  ];
  test.each(wrong)('refuses before anything runs: %s', async (_name, input, said) => {
    const { dataset, policy } = fresh();
    const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--batch', '-'], { input });
    expect(ran.status).toBe(2);
    expect(ran.err).toMatch(said);
    expect(ran.err).not.toContain(CANARY);
  });
});

describe('--isolate', () => {
  /** 40 groups of 15 people. */
  const crowd = Array.from({ length: 600 }, (_, i) => ({ id: `c${i}`, name: 'n', district: ['市南', '市北', '崂山', '李沧'][i % 4]!, age: 20 + (Math.floor(i / 4) % 10), income: 1000 }));
  const statistics = { ...POLICY.statistics, dominance: [], dimensions: { 'people.district': { categories: 'all' }, 'people.age': { categories: 'all' } } };
  const groups = 'select district, age, count(*) as n from people group by district, age order by district, age';
  const asked = async (of: { readonly statistics: object; readonly sqls: readonly string[] }, more: readonly string[]) => {
    const { dataset, policy } = fresh({ csv: csvOf(crowd), policy: { ...POLICY, statistics: { ...statistics, ...of.statistics } } });
    const input = of.sqls.map((sql, id) => JSON.stringify({ id, sql })).join('\n');
    const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--batch', '-', ...more], { input });
    expect(ran.status, ran.err).toBe(0);
    return linesOf(ran.out);
  };

  // All of 15 are shown, whatever the noise: at least 9 with it. Noise of variance 3 within ±6 takes no value with a probability over 0.3, so that a group has the same number under independent
  // keys with a probability below 0.3. Of 40 groups 30 or more agree with a probability below 1e-8.
  test('noise of the same question differs between lines, and agrees without it', async () => {
    const noisy = { statistics: { mechanism: { kind: 'cell-key', variance: '3', maxDeviation: 6, js: 2 }, units: { person: { min: 5 } } }, sqls: [groups, groups] };
    const [one, two] = await asked(noisy, ['--isolate']);
    expect(one?.rows).toHaveLength(40);
    expect(one!.rows.filter((row, i) => row[2] === two!.rows[i]![2]).length).toBeLessThan(30);
    const [same, again] = await asked(noisy, []);
    expect(again?.rows).toEqual(same?.rows);
  });

  test('no line remembers what another released', async () => {
    const sqls = ['select count(*) from people', "select count(*) from people where district <> '市南' or age <> 20"];
    const policy = { differencing: 'refuse', units: { person: { min: 20 } } };
    // The second answer would tell the 15 apart, so it is given as the first.
    const [whole, rest] = await asked({ statistics: policy, sqls }, []);
    expect([whole, rest].map((line) => [line?.outcome, line?.rows])).toEqual([['released', [['600']]], ['released', [['600']]]]);
    const apart = await asked({ statistics: policy, sqls }, ['--isolate']);
    expect(apart.map(({ outcome, rows }) => [outcome, rows])).toEqual([['released', [['600']]], ['released', [['585']]]]);
  });

  test('every line has keys and a snapshot of its own, no more at once than there are cores, and nothing stays behind', async () => {
    const before = homesLeft();
    const homes = new Map<string, { readonly keys: Set<string>; readonly snapshots: Set<string> }>();
    let most = 0;
    const look = () => {
      const there = homesLeft();
      most = Math.max(most, there.length);
      for (const home of there) {
        const seen = homes.get(home) ?? { keys: new Set(), snapshots: new Set() };
        homes.set(home, seen);
        for (const name of listed(join(root, home, 'keys'))) if (name.endsWith('.key')) seen.keys.add(readOr(join(root, home, 'keys', name)));
        for (const name of listed(join(root, home, 'snapshots'))) if (/^[0-9a-f]{64}$/.test(name)) seen.snapshots.add(name);
      }
    };
    const looking = setInterval(look, 5);
    const lines = await asked({ statistics: {}, sqls: [groups, 'select name from people', groups, groups, 'select count(*) from people'] }, ['--isolate']);
    clearInterval(looking);
    expect(lines.map(({ id, outcome }) => [id, outcome])).toEqual([[0, 'released'], [1, 'refused'], [2, 'released'], [3, 'released'], [4, 'released']]);
    expect(lines[2]?.rows).toEqual(lines[0]?.rows);
    expect(homes.size).toBe(5);
    const keys = [...homes.values()].flatMap((home) => [...home.keys].filter((key) => key !== ''));
    const snapshots = [...homes.values()].flatMap((home) => [...home.snapshots]);
    expect([new Set(keys).size, new Set(snapshots).size]).toEqual([25, 5]);
    expect([keys.length, snapshots.length]).toEqual([25, 5]);
    expect(most).toBeLessThanOrEqual(availableParallelism());
    expect(homesLeft()).toEqual(before);
  });

  test('a contradiction is found once and said for every line; Ctrl-C leaves nothing behind', async () => {
    const before = homesLeft();
    const { dataset, policy } = fresh({ csv: csvOf([...crowd, ...crowd.slice(0, 1)]) });
    const input = Array.from({ length: 40 }, (_, id) => JSON.stringify({ id, sql: groups })).join('\n');
    const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--batch', '-', '--isolate'], { input });
    expect(ran.status).toBe(1);
    expect(linesOf(ran.out).map(({ id, outcome }) => [id, outcome])).toEqual(Array.from({ length: 40 }, (_, id) => [id, 'refused']));
    const good = fresh();
    const controller = new AbortController();
    const running = sluice(['try', '--dataset', good.dataset, '--policy', good.policy, '--batch', '-', '--isolate'], { input, interrupted: controller.signal, onOut: () => controller.abort() });
    expect((await running).status).toBe(130);
    expect(homesLeft()).toEqual(before);
  });
});

/** Empty where it is not there, or not any more. */
function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'hex');
  } catch {
    return '';
  }
}

describe('several datasets', () => {
  const other = { ...MANIFEST, id: 'village' };

  test('one policy serves all; of several, each its own; the ids must differ', async () => {
    const town = fresh();
    const village = fresh({ manifest: other, policy: { ...POLICY, policy: 'village-statistics', dataset: 'village', statistics: { ...POLICY.statistics, units: { person: { min: 40 } } } } });
    const sql = 'select (select count(*) from town.people where district = \'市南\') as a, (select count(*) from village.people where district = \'市南\') as b';
    const one = await sluice(['try', '--dataset', town.dataset, '--dataset', village.dataset, '--policy', town.policy, '--json', '--sql', sql]);
    expect(linesOf(one.out)[0]).toMatchObject({ outcome: 'released', rows: [['30', '30']] });
    const two = await sluice(['try', '--dataset', town.dataset, '--dataset', village.dataset, '--policy', town.policy, '--policy', village.policy, '--json', '--sql', sql]);
    expect(linesOf(two.out)[0]).toMatchObject({ outcome: 'released', rows: [['30', null]], withheld: [[0, 1]] });
    const twice = await sluice(['try', '--dataset', town.dataset, '--dataset', town.dataset, '--policy', 'open', '--sql', 'select 1']);
    expect(twice).toMatchObject({ status: 2, err: expect.stringContaining('are both named "town"') as string });
  });

  test('a dataset that no policy names', async () => {
    const town = fresh();
    const village = fresh({ manifest: other, policy: { ...POLICY, dataset: 'hamlet' } });
    const ran = await sluice(['try', '--dataset', town.dataset, '--dataset', village.dataset, '--policy', town.policy, '--policy', village.policy, '--sql', 'select 1']);
    expect(ran).toMatchObject({ status: 2, err: expect.stringContaining('No policy given is for the dataset "village"') as string });
  });
});

describe('what is wrong with the files is said by place, never by value', () => {
  const column = (name: string, change: object) => ({
    ...MANIFEST,
    tables: { people: { ...MANIFEST.tables.people, columns: { ...MANIFEST.tables.people.columns, [name]: { ...MANIFEST.tables.people.columns[name as 'age'], ...change } } } },
  });
  const people = csvOf(PEOPLE).split('\n');
  const withLine = (number: number, line: string) => people.map((old, i) => (i === number - 1 ? line : old)).join('\n');

  const cases: [string, Parameters<typeof writeTrial>[1] & object, number, RegExp][] = [
    ['a row with too few fields', { csv: withLine(5, `${CANARY}-x,only two`) }, 1, /line 5/],
    ['a row with too many fields', { csv: withLine(7, `${CANARY}-x,n,市南,30,1000,${CANARY}`) }, 1, /line 7/],
    ['text where a number belongs', { csv: withLine(9, `${CANARY}-x,n,市南,${CANARY},1000`) }, 1, /age[\s\S]*line 9|line 9[\s\S]*age/],
    ['a value outside the declared range', { csv: withLine(4, `${CANARY}-x,n,市南,33,98765432109`) }, 1, /income[\s\S]*line 4|line 4[\s\S]*income/],
    ['a value outside the declared domain', { csv: withLine(6, `${CANARY}-x,n,${CANARY}区,33,1000`) }, 1, /district/],
    ['a column that the file lacks', { manifest: column('shoe_size', { type: 'integer', role: 'plain' }) }, 1, /shoe_size/],
    ['more rows of a unit than declared', { csv: `${people.join('\n')}${people[1]}\n` }, 1, /person/],
    ['no unit', { csv: withLine(3, ',n,市南,33,1000') }, 1, /id|person/],
    ['not UTF-8', { csv: Buffer.concat([Buffer.from(`${people[0]}\n`), Buffer.from([0xb5, 0xff]), Buffer.from(`,${CANARY},市南,33,1000\n`)]) }, 1, /UTF-8/],
    ['a manifest with an unknown field', { manifest: { ...MANIFEST, colour: 'red' } }, 2, /dataset\.json does not fit its schema:[\s\S]*colour/],
    ['an impossible type', { manifest: column('age', { type: 'int32' }) }, 2, /tables\/people\/columns\/age\/type/],
    ['a policy with an unknown field', { policy: { ...POLICY, secret: true } }, 2, /policy\.json does not fit its schema/],
    ['a policy for a column that does not exist', { policy: { ...POLICY, statistics: { ...POLICY.statistics, measures: { 'people.salary': ['sum'] } } } }, 1, /statistics\.measures\.people\.salary[\s\S]*|no column “salary”/],
    ['a mechanism that is not built', { policy: { ...POLICY, statistics: { ...POLICY.statistics, mechanism: { kind: 'differential-privacy', epsilon: '1' } } } }, 1, /Differential privacy/],
  ];
  test.each(cases)('%s', async (_name, changes, status, said) => {
    const { dataset, policy } = fresh(changes);
    const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--sql', 'select count(*) from people', '--json']);
    expect(ran.err).toMatch(said);
    expect(ran.status).toBe(status);
    expect(ran.out + ran.err).not.toContain(CANARY);
    if (status === 1) expect(linesOf(ran.out)).toMatchObject([{ id: '1', outcome: 'refused', rows: [], statement: null }]);
    else expect(JSON.parse(ran.out)).toHaveProperty('error');
  });

  test('files that are not there, and JSON that is none', async () => {
    const { dataset, policy } = fresh();
    const sql = ['--sql', 'select 1'];
    expect((await sluice(['try', '--dataset', join(root, 'nowhere'), '--policy', policy, ...sql])).err).toMatch(/Cannot read .*nowhere.*there is no such file/);
    expect((await sluice(['try', '--dataset', dataset, '--policy', join(root, 'nowhere'), ...sql])).status).toBe(2);
    writeFileSync(policy, `{"policy": "${CANARY}",, }`);
    const broken = await sluice(['try', '--dataset', dataset, '--policy', policy, ...sql]);
    expect(broken).toMatchObject({ status: 2, err: expect.stringContaining('is not JSON') as string });
    expect(broken.err).not.toContain(CANARY);
    rmSync(join(dataset, 'people.csv'));
    const missing = await sluice(['try', '--dataset', dataset, '--policy', 'open', ...sql]);
    expect(missing.status).toBe(1);
    expect(missing.err).toContain('people.csv');
  });
});

test('a hostile batch gets no value, and nothing stays behind', async () => {
  const before = homesLeft();
  const sqls = [
    'select * from people', 'select id from people', 'select name, count(*) from people group by name', 'select max(income) from people',
    `select count(*) from people where income = ${CANARY_INCOME}`, 'select cast(name as integer), count(*) from people group by 1',
    "select * from read_csv('people.csv')", "select error(name) from people", 'select sum(income) from people where district = \'崂山\'',
    'select string_agg(name, \',\') from people', 'select 1/(income-7654321) from people', 'attach \'x\'', 'select * from duckdb_settings()',
    'select count(*) from people having max(income) > 7000000', "copy people to '/tmp/out.csv'", 'select people from people', '\u0000', 'select '.repeat(4000),
  ];
  const lines = await batch(sqls.map((sql, id) => ({ id, sql })));
  expect(lines).toHaveLength(sqls.length);
  for (const { id, outcome, rows, refusals, statement } of lines) {
    expect(['released', 'refused'], sqls[id as number]).toContain(outcome);
    const left = JSON.stringify([rows, refusals.map(({ code, clause }) => [code, clause]), statement]);
    expect(left).not.toContain(CANARY);
    expect(left).not.toContain(String(CANARY_INCOME));
  }
  expect(homesLeft()).toEqual(before);
});

test.runIf(process.platform === 'linux')('a worker that is killed is replaced, and the batch goes on', async () => {
  const { dataset, policy } = fresh();
  const input = Array.from({ length: 300 }, (_, id) => JSON.stringify({ id, sql: 'select count(*) as n from people' })).join('\n');
  let answered = 0;
  const onOut = () => {
    if (++answered === 20) for (const pid of workersOf(process.pid)) process.kill(pid, 'SIGKILL');
  };
  const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--batch', '-'], { input, onOut });
  const outcomes = linesOf(ran.out).map(({ outcome }) => outcome);
  expect(outcomes).toHaveLength(300);
  expect(outcomes.filter((outcome) => outcome !== 'released').length).toBeLessThanOrEqual(2);
  expect(outcomes.at(-1)).toBe('released');
});

/** Processes started by `parent` that are workers. */
function workersOf(parent: number): number[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox/worker.ts'));
}

test('Ctrl-C ends the run with status 130 and leaves nothing behind', async () => {
  const before = homesLeft();
  const { dataset, policy } = fresh();
  const controller = new AbortController();
  const input = Array.from({ length: 500 }, (_, id) => JSON.stringify({ id, sql: 'select count(*) from people' })).join('\n');
  const running = sluice(['try', '--dataset', dataset, '--policy', policy, '--batch', '-'], { input, interrupted: controller.signal });
  setTimeout(() => controller.abort(), 400);
  expect((await running).status).toBe(130);
  expect(homesLeft()).toEqual(before);
});

test('usage: exactly one of --sql and --batch', async () => {
  const { dataset, policy } = fresh();
  for (const more of [[], ['--sql', 'select 1', '--batch', '-']]) {
    expect(await sluice(['try', '--dataset', dataset, '--policy', policy, ...more])).toMatchObject({ status: 2, err: expect.stringContaining('either --sql or --batch') as string });
  }
});

describe('a perturbation table of one’s own', () => {
  const noisy = (table: string) => fresh({ policy: { ...POLICY, statistics: { ...POLICY.statistics, dominance: [], mechanism: { kind: 'cell-key', table } } } });
  const four = () => {
    const file = join(root, 'four.csv');
    writeFileSync(file, tableCsv((pcv, key) => Math.min(pcv, 4) * (key % 2 === 0 ? -1 : 1)));
    return file;
  };

  test('is named by its file', async () => {
    const { dataset, policy } = noisy('four');
    const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--perturbation-table', four(), '--sql', "select count(*) as n from people where district = '市南'", '--json']);
    expect(ran.status, ran.err).toBe(0);
    expect(['26', '34']).toContain(linesOf(ran.out)[0]?.rows[0]?.[0]);
    const checked = await sluice(['policy', 'check', policy, '--dataset', dataset, '--perturbation-table', four()]);
    expect(checked.status, checked.out).toBe(0);
    const explained = await sluice(['check', '-e', 'select count(*) from people', '--dataset', dataset, '--policy', policy, '--perturbation-table', four(), '--json']);
    expect(JSON.parse(explained.out)).toMatchObject({ accepted: true });
  });

  test('is asked for where the policy names it and it is not given', async () => {
    const { dataset, policy } = noisy('four');
    const ran = await sluice(['try', '--dataset', dataset, '--policy', policy, '--sql', 'select count(*) from people']);
    expect([ran.status, ran.err]).toEqual([1, expect.stringContaining('There is no perturbation table “four”; there are ons-10-5.')]);
  });
});
