/**
 * What jobs withheld, against everything that left from all of them: by the whole path, SQL in and sealed deltas between. An
 * attacker with linear programs has every number that was shown, knows that none is negative, and computes the range of each withheld cell. Numbers that the ledger
 * gave otherwise than the data have them are taken in two ways: as they were given, which at most `MIN` persons are behind; and, for measure, as the data have them, which nobody was told.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReviewEvidence } from '#contract/evidence.ts';
import type { Answer } from '#contract/job.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import fc from '../../support/fast-check.ts';
import { DISTRICTS, LedgerDomain, ledgerPolicy, people, type Loaded, type Operator, type Person } from '../../support/ledger-domain.ts';

const MIN = 10;
const BANDS = ['[..,30)', '[30,60)', '[60,..)'];
const bandOf = (age: number): string => BANDS[age < 30 ? 0 : age < 60 ? 1 : 2]!;
/** Some crossings hold few. */
const TOWN = people(260, (person, i) => ({ ...person, age: person.district === '李沧' && i % 5 !== 0 ? 20 + (i % 9) : i % 11 === 0 ? 70 : person.age % 60, income: i % 17 === 0 ? 90_000 + i : person.income }));

const POLICY = (differencing: 'warn' | 'none' | 'refuse' | 'hold', over: object = {}) => ledgerPolicy(differencing, {
  secondary: 'required', dominance: [{ rule: 'p-percent', p: 20 }],
  dimensions: { 'people.district': { categories: 'all' }, 'people.sex': { categories: 'all' }, 'people.age': { bands: [30, 60] } }, ...over,
});

type Key = 'district' | 'sex' | 'age_band';
const COLUMN: Readonly<Record<Key, { readonly values: readonly string[]; readonly of: (person: Person) => string }>> = {
  district: { values: DISTRICTS, of: ({ district }) => district },
  sex: { values: ['F', 'M'], of: ({ sex }) => sex },
  age_band: { values: BANDS, of: ({ age }) => bandOf(age) },
};
const KEYS = Object.keys(COLUMN) as Key[];
const ATOMS = DISTRICTS.flatMap((district) => ['F', 'M'].flatMap((sex) => BANDS.map((age_band) => ({ district, sex, age_band }))));

interface Condition {
  readonly key: Key;
  readonly values: readonly string[];
}

interface Question {
  readonly by: readonly Key[];
  readonly where: Condition | null;
  readonly branch: Condition | null;
  readonly sums: boolean;
}

const sqlOf = ({ key, values }: Condition): string => `${key} IN (${values.map((value) => `'${value}'`).join(', ')})`;
function textOf({ by, where, branch, sums }: Question): string {
  const number = sums ? 'sum(income)' : 'count(*)';
  return `SELECT ${[...by, number, ...(branch === null ? [] : [`${number} FILTER (WHERE ${sqlOf(branch)})`])].join(', ')} FROM people${where === null ? '' : ` WHERE ${sqlOf(where)}`}${by.length === 0 ? '' : ` GROUP BY ${by.join(', ')}`}`;
}

interface Seen {
  readonly atoms: readonly number[];
  readonly shown: boolean;
  /** What was shown is what the data have; else it is `given`. */
  readonly exact: boolean;
  readonly given: number;
  readonly width: number;
  readonly value: number;
  readonly job: number;
}

const holds = (condition: Condition | null, atom: (typeof ATOMS)[number]): boolean => condition === null || condition.values.includes(atom[condition.key]);
const within = (atoms: readonly number[], of: readonly Person[] = TOWN): readonly Person[] => of.filter((person) => atoms.some((at) => KEYS.every((key) => ATOMS[at]![key] === COLUMN[key].of(person))));

/** @param of that the question was asked of */
function seenIn(answer: Answer, { by, where, branch, sums }: Question, job: number, of: readonly Person[]): readonly Seen[] {
  if (answer.kind !== 'released') throw new Error(JSON.stringify(answer));
  return answer.envelope.table.rows.flatMap((row) => [null, ...(branch === null ? [] : [branch])].map((condition, c): Seen => {
    const atoms = ATOMS.flatMap((atom, i) => (holds(where, atom) && holds(condition, atom) && by.every((key, k) => row[k] === atom[key]) ? [i] : []));
    const persons = within(atoms);
    const incomes = persons.map(({ income }) => income).sort((a, b) => b - a);
    const [x1 = 0, x2 = 0] = incomes;
    const numberOf = (them: readonly Person[]): number => (sums ? them.reduce((sum, { income }) => sum + income, 0) : them.length);
    const value = numberOf(persons);
    const given = Number(row[by.length + c]);
    const failing = persons.length < MIN || (sums && value - x1 - x2 < 0.2 * x1);
    const width = !failing ? 0 : !sums ? MIN : persons.length < MIN ? Math.max(1, value + x1) : Math.max(1, 0.2 * x1 - (value - x1 - x2));
    return { atoms, value, width, job, shown: row[by.length + c] !== null, given, exact: given === numberOf(within(atoms, of)) };
  }));
}

let solver: LinearSolver;
const domain = new LedgerDomain();
let town: Loaded;
/** One more where there are enough, who adds nothing: what is known of one is as good as known of the other. */
let grown: Loaded;
const GROWN: readonly Person[] = [...TOWN, { id: 'newcomer', district: '市南', age: 40, sex: 'M', income: 0 }];
beforeAll(async () => {
  solver = await loadSolver();
  town = await domain.load(TOWN);
  grown = await domain.load(GROWN);
}, 60_000);
afterAll(() => domain.close());

const MOST = Math.max(...TOWN.map(({ income }) => income));

/** @param sums that are shown, else counts */
function rangeOf(target: Seen, seen: readonly Seen[], sums: boolean): number {
  const slack = MIN * (sums ? MOST : 1);
  const told = [...new Map(seen.filter(({ shown, atoms }) => shown && atoms.length > 0).map((each) => [`${each.atoms.join()} ${each.exact ? '' : each.given}`, each])).values()];
  const equations = told.flatMap(({ atoms, value, given, exact }, i) => {
    const sum = atoms.map((atom) => `x${atom}`).join(' + ');
    return exact ? [` e${i}: ${sum} = ${value}`] : [` l${i}: ${sum} >= ${given - slack}`, ` h${i}: ${sum} <= ${given + slack}`];
  });
  const ends = ['Minimize', 'Maximize'].map((direction) => solver([
    direction, ' obj: t', 'Subject To', ...equations, ` t: ${target.atoms.map((atom) => `x${atom}`).join(' + ')} - t = 0`, 'Bounds', ...ATOMS.map((_, i) => ` 0 <= x${i} <= 1e9`), ' 0 <= t <= 1e10', 'End',
  ].join('\n'))?.get('t'));
  if (ends.some((end) => end === undefined)) throw new Error('what was released contradicts itself');
  return ends[1]! - ends[0]!;
}

/** How an attacker takes what the ledger gave in place of a number: `data`: knows the number. `given`: knows that few are behind the difference. */
const VIEWS: Readonly<Record<'data' | 'given', (seen: readonly Seen[]) => readonly Seen[]>> = {
  data: (seen) => seen.map((each) => ({ ...each, exact: true })),
  given: (seen) => seen,
};

/**
 * How a withheld cell is known: as its rule allows, or not. Then as it was `before` anybody asked for it, which is nothing that a release of it can help: by one number that is not much more
 * than the cell, or by several together; or better, which is `narrow`.
 */
type Known = 'as allowed' | 'before, by one' | 'before, by several' | 'narrow';

function knownIn(seen: readonly Seen[], same: readonly Seen[], sums: boolean): Known {
  const target = same[0]!;
  const allowed = target.width - 1e-3;
  const range = rangeOf(target, seen, sums);
  if (range >= allowed) return 'as allowed';
  const asked = Math.min(...same.map(({ job }) => job));
  const earlier = seen.filter(({ job, shown }) => job < asked && shown);
  const had = rangeOf(target, earlier, sums);
  if (had >= allowed || range < Math.floor(had + 1e-6) * 0.999) return 'narrow';
  return earlier.some((each) => rangeOf(target, [each], sums) < allowed) ? 'before, by one' : 'before, by several';
}

/** Of withheld cells, how each of the two attackers knows it. */
function narrowed(seen: readonly Seen[], sums: boolean): readonly { readonly target: Seen; readonly data: Known; readonly given: Known }[] {
  const targets = [...Map.groupBy(seen.filter(({ width, shown, atoms }) => width > 0 && !shown && atoms.length > 0), ({ atoms }) => atoms.join()).values()];
  return targets.map((same) => ({ target: same[0]!, data: knownIn(VIEWS.data(seen), same, sums), given: knownIn(VIEWS.given(seen), same, sums) }));
}
const isNarrow = ({ given }: ReturnType<typeof narrowed>[number]): boolean => given === 'narrow';

async function play(jobs: readonly { readonly who: number; readonly question: Question }[], differencing: 'warn' | 'none', second: Loaded): Promise<readonly Seen[]> {
  const branch = domain.branch();
  try {
    const operators = [await branch.operator(town, POLICY(differencing)), await branch.operator(second, POLICY(differencing))];
    const seen: Seen[] = [];
    for (const [job, { who, question }] of jobs.entries()) seen.push(...seenIn(await operators[who]!.ask(textOf(question)), question, job, who === 1 && second === grown ? GROWN : TOWN));
    return seen;
  } finally {
    branch.close();
  }
}

const condition = fc.constantFrom(...KEYS).chain((key) => fc.record({ key: fc.constant(key), values: fc.subarray([...COLUMN[key].values], { minLength: 1, maxLength: COLUMN[key].values.length - 1 }) }));
const question = (sums: boolean) => fc.record({ by: fc.subarray(KEYS, { maxLength: 2 }), where: fc.option(condition, { nil: null }), branch: fc.option(condition, { freq: 3, nil: null }), sums: fc.constant(sums) });
const session = (sums: boolean) => fc.array(fc.record({ who: fc.nat(1), question: question(sums) }), { minLength: 2, maxLength: 6 });
const RUNS = Number(process.env['SLUICE_SESSIONS'] ?? 8);

describe.each([['counts', false, false], ['sums', true, false], ['counts, of two snapshots', false, true], ['sums, of two snapshots', true, true]] as const)('%s', (_, sums, updated) => {
  const second = (): Loaded => (updated ? grown : town);

  test('no session narrows a withheld cell', async () => {
    const all: ReturnType<typeof narrowed>[number][] = [];
    await fc.assert(fc.asyncProperty(session(sums), async (jobs) => {
      const found = narrowed(await play(jobs, 'warn', second()), sums);
      all.push(...found);
      expect(found.filter(isNarrow)).toEqual([]);
    }), { numRuns: RUNS, seed: 3 });
    expect(all.length).toBeGreaterThan(RUNS);
    // What was narrow before is excused, so it must not be what this is about (docs/ledger.md).
    const excused = all.filter(({ data, given }) => data.startsWith('before') || given.startsWith('before'));
    expect(excused.length / all.length).toBeLessThan(0.2);
    expect(all.filter(({ data }) => data === 'narrow').length / all.length).toBeLessThan(0.02);
  }, 300_000);

  test('without the ledger, many do', async () => {
    let broken = 0;
    for (const jobs of fc.sample(session(sums), { numRuns: 10, seed: 3 })) if (narrowed(await play(jobs, 'none', second()), sums).some(isNarrow)) broken++;
    expect(broken).toBeGreaterThan(1);
  }, 300_000);
});

/** Found among many: the number in whose place an earlier one was given would leave the cell narrow; what was given does not, so that what is asked for next must not either. */
test.each([
  { cell: 'of two districts', asked: [
    { by: ['sex'], where: { key: 'age_band', values: BANDS.slice(1) }, branch: { key: 'sex', values: ['M'] } },
    { by: ['sex'], where: { key: 'age_band', values: [BANDS[1]!] }, branch: { key: 'district', values: ['市北', '李沧'] } },
    { by: [], where: { key: 'district', values: ['崂山'] }, branch: { key: 'sex', values: ['F'] } },
    { by: ['sex', 'age_band'], where: { key: 'district', values: ['市南', '李沧'] }, branch: { key: 'district', values: ['崂山'] } },
  ] },
  { cell: 'of all districts', asked: [
    { by: ['sex', 'age_band'], where: { key: 'age_band', values: BANDS.slice(0, 2) }, branch: null },
    { by: [], where: { key: 'sex', values: ['F'] }, branch: { key: 'district', values: ['市北', '崂山', '李沧'] } },
    { by: ['district', 'age_band'], where: { key: 'district', values: ['市北', '崂山', '李沧'] }, branch: null },
    { by: ['sex', 'age_band'], where: { key: 'sex', values: ['F'] }, branch: { key: 'age_band', values: BANDS.slice(0, 2) } },
    { by: [], where: { key: 'age_band', values: [BANDS[0]!, BANDS[2]!] }, branch: { key: 'age_band', values: BANDS.slice(0, 2) } },
  ] },
] as readonly { readonly cell: string; readonly asked: readonly Omit<Question, 'sums'>[] }[])('a cell $cell, beside a number that was given otherwise', async ({ asked }) => {
  const known = narrowed(await play(asked.map((question) => ({ who: 0, question: { ...question, sums: true } })), 'warn', town), true);
  expect(known.map(({ given }) => given)).not.toContain('narrow');
  expect(known.map(({ data }) => data)).toContain('before, by several');
}, 60_000);

/** By district and band; what is left of the margins when all other cells are taken away. */
type Answers = ReadonlyMap<string, number | null>;
const cellName = (district: string, band: string): string => `${district} ${band}`;

async function table(operator: Operator, sql: string): Promise<Answers> {
  const answer = await operator.ask(sql);
  if (answer.kind !== 'released') throw new Error(JSON.stringify(answer));
  return new Map(answer.envelope.table.rows.map((row) => [row.slice(0, -1).join(' '), row.at(-1) === null ? null : Number(row.at(-1))]));
}

/** Few old people in one district, or one of them with most of the money; enough everywhere else. */
const SMALL = 4;
const RICH = 90_000;
const city = (old: number): readonly Person[] => DISTRICTS.flatMap((district, d) => BANDS.flatMap((_, b) => Array.from({ length: d === 3 && b === 2 ? old : 20 + 3 * d + 5 * b }, (__, i): Person =>
  ({ id: `${d} ${b} ${i}`, district, age: [20, 40, 70][b]! + (i % 9), sex: i % 2 === 0 ? 'F' : 'M', income: d === 3 && b === 2 && i === 0 ? RICH : 1000 + i }))));
const NEWCOMER: Person = { id: 'newcomer', district: '市南', age: 25, sex: 'F', income: 1000 };
const ALL_CELLS = DISTRICTS.flatMap((district) => BANDS.map((band) => ({ district, band })));

/** What the first answers withhold of one cell, worked out from their margins and the cells that any answer shows. */
function workedOut(byDistrict: Answers, byBand: Answers, cells: Answers): number | null {
  const minus = (whole: number | null | undefined, parts: readonly (number | null | undefined)[]): number | null =>
    parts.reduce<number | null>((left, part) => (left === null || part === null || part === undefined ? null : left - part), whole ?? null);
  return minus(byDistrict.get('李沧'), BANDS.slice(0, 2).map((band) => cells.get(cellName('李沧', band))))
    ?? minus(byBand.get(BANDS[2]!), DISTRICTS.slice(0, 3).map((district) => cells.get(cellName(district, BANDS[2]!))));
}

const GRID = { dimensions: { 'people.district': { categories: 'all' }, 'people.age': { bands: [30, 60] } } };
const where = (district: string, band: string): string => `people.district = '${district}' AND age_band = '${band}'`;

describe.each([
  { secret: 'a count of few', number: 'count(*)', old: SMALL, truth: SMALL },
  { secret: 'a total that one person dominates', number: 'sum(income)', old: 15, truth: RICH + 14 * 1000 + (14 * 15) / 2 },
])('$secret, hidden behind other cells that are asked for later', ({ number, old, truth }) => {
  let before: Loaded;
  let after: Loaded;
  beforeAll(async () => {
    before = await domain.load(city(old));
    after = await domain.load([...city(old), NEWCOMER]);
  }, 60_000);

  async function run(differencing: 'warn' | 'none', from: string, then: Loaded): Promise<number | null> {
    const branch = domain.branch();
    try {
      const first = await branch.operator(before, POLICY(differencing, GRID));
      const [byDistrict, byBand] = [await table(first, `SELECT district, ${number} FROM people GROUP BY district`), await table(first, `SELECT age_band, ${number} FROM people GROUP BY age_band`)];
      const cells = new Map(await table(first, `SELECT district, age_band, ${number} FROM people GROUP BY district, age_band`));
      expect(cells.get(cellName('李沧', BANDS[2]!))).toBeNull();
      const second = await branch.operator(then, POLICY(differencing, GRID));
      for (const { district, band } of ALL_CELLS) {
        const name = cellName(district, band);
        if (cells.get(name) === null) cells.set(name, [...(await table(second, `SELECT ${number} FROM ${from} WHERE ${where(district, band)}`)).values()][0] ?? null);
      }
      return workedOut(byDistrict, byBand, cells);
    } finally {
      branch.close();
    }
  }

  test.each([
    { way: 'one by one', from: 'people', updated: false },
    { way: 'through a join', from: 'people JOIN districts ON people.district = districts.district', updated: false },
    { way: 'after an update in which somebody came elsewhere', from: 'people', updated: true },
  ])('$way', async ({ from, updated }) => {
    expect(await run('none', from, updated ? after : before)).toBe(truth);
    expect(await run('warn', from, updated ? after : before)).toBeNull();
  }, 60_000);
});

test('a version of the policy with a lower minimum shows nothing of what an earlier one withheld', async () => {
  const few = await domain.load(city(SMALL));
  const sql = `SELECT count(*) FROM people WHERE ${where('李沧', BANDS[2]!)}`;
  const lower = POLICY('warn', { ...GRID, units: { person: { min: 3 } } });
  const [branch, other] = [domain.branch(), domain.branch()];
  const value = async (operator: Operator): Promise<number | null> => [...(await table(operator, sql)).values()][0] ?? null;
  expect(await value(await branch.operator(few, POLICY('warn', GRID)))).toBeNull();
  expect(await value(await branch.operator(few, lower))).toBeNull();
  expect(await value(await other.operator(few, lower))).toBe(SMALL);
  branch.close();
  other.close();
}, 60_000);

const of = (district: number, band: number, count: number, income: number): readonly Person[] =>
  Array.from({ length: count }, (_, i) => ({ id: `new ${district} ${band} ${i}`, district: DISTRICTS[district]!, age: [20, 40, 70][band]!, sex: 'F', income }));
const listed = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');
const subsets = <T>(values: readonly T[]): readonly (readonly T[])[] => Array.from({ length: 2 ** values.length - 1 }, (_, i) => values.filter((__, v) => ((i + 1) >> v) & 1));

describe('a total that one person dominates, from the margin of its band, a third district and two others asked for together', () => {
  const TRUTH = RICH + 14 * 1000 + (14 * 15) / 2;
  const FORMER: Person = { id: 'former', district: DISTRICTS[0]!, age: 25, sex: 'F', income: 1000 };
  const PARTS = subsets(BANDS).flatMap((bands) => subsets(DISTRICTS).map((districts) => `people.district IN (${listed(districts)}) AND age_band IN (${listed(bands)})`)).slice(0, 70);
  let start: Loaded;
  let moved: Readonly<Record<'elsewhere' | 'in one of the two' | 'sixty in the third', Loaded>>;
  beforeAll(async () => {
    const town_ = [...city(15), FORMER];
    start = await domain.load(town_);
    moved = {
      elsewhere: await domain.load([...town_, ...of(0, 0, 1, 1000)]), 'in one of the two': await domain.load([...town_, ...of(0, 2, 1, 1000)]),
      'sixty in the third': await domain.load([...town_, ...of(2, 2, 60, 1000)]),
    };
  }, 60_000);

  /** What happens before the two are asked for; of which data they are then. `off`: how far the result is then without protection. */
  const BETWEEN: Readonly<Record<string, { readonly asks?: readonly string[]; readonly then?: (branch: LedgerDomain) => Promise<Loaded>; readonly off?: number }>> = {
    'at once': {},
    'after seventy counts that have nothing to do with it': { asks: PARTS.map((part) => `SELECT district, age_band, count(*) FROM people WHERE sex = 'F' AND ${part} GROUP BY district, age_band`) },
    'after seventy tables of the same totals': { asks: PARTS.map((part) => `SELECT district, age_band, sum(income) FROM people WHERE ${part} GROUP BY district, age_band`) },
    'after many tables in few jobs': { asks: [0, 18, 36].map((from) => PARTS.slice(from, from + 18).map((part) => `SELECT district, age_band, count(*) AS n FROM people WHERE sex = 'M' AND ${part} GROUP BY district, age_band`).join(' UNION ALL ')) },
    'after somebody came elsewhere': { then: async () => moved.elsewhere },
    'after somebody came to one of the two': { then: async () => moved['in one of the two'], off: -1000 },
    'after sixty came to the third': { then: async () => moved['sixty in the third'] },
    'after somebody elsewhere withdrew': { then: async (branch) => branch.withdraw(start, [FORMER]).then(() => start) },
  };

  async function run(differencing: 'warn' | 'none' | 'refuse' | 'hold', { asks = [], then = async () => start }: (typeof BETWEEN)[string]): Promise<{ readonly exact: boolean; readonly found: number | null }> {
    const branch = domain.branch();
    try {
      const first = await branch.operator(start, POLICY(differencing));
      const rows = async (operator: Operator, sql: string): Promise<Answers> => {
        const { result } = await operator.ask(sql);
        return new Map((result?.table.rows ?? []).map((row) => [row.slice(0, -1).join(' '), row.at(-1) === null ? null : Number(row.at(-1))]));
      };
      await rows(first, 'SELECT district, sum(income) FROM people GROUP BY district');
      const byBand = await rows(first, 'SELECT age_band, sum(income) FROM people GROUP BY age_band');
      const cells = await rows(first, 'SELECT district, age_band, sum(income) FROM people GROUP BY district, age_band');
      expect(cells.get(cellName('李沧', BANDS[2]!))).toBeNull();
      for (const sql of asks) await first.ask(sql);
      const answer = await (await branch.operator(await then(branch), POLICY(differencing))).ask(`SELECT sum(income) FROM people WHERE people.district IN ('市南', '市北') AND age_band = '${BANDS[2]!}'`);
      const [whole, third, two = null] = [byBand.get(BANDS[2]!) ?? null, cells.get(cellName('崂山', BANDS[2]!)) ?? null, answer.result?.table.rows[0]?.[0]];
      const sealed = answer.kind === 'released' || answer.kind === 'held' ? answer.envelope.sealed.evidence : null;
      return { exact: sealed === null || (ReviewEvidence.parse(branch.open(sealed)).ledger?.exact ?? true), found: whole === null || third === null || two === null ? null : whole - third - Number(two) };
    } finally {
      branch.close();
    }
  }

  test.each(Object.entries(BETWEEN).filter(([, { asks }]) => asks === undefined))('%s: without the ledger it comes out', async (_, between) => {
    expect((await run('none', between)).found).toBe(TRUTH + (between.off ?? 0));
  }, 60_000);

  test.each(Object.entries(BETWEEN).flatMap(([way, between]) => (between.asks === undefined ? ['warn', 'refuse', 'hold'] as const : ['refuse'] as const).map((differencing) => [way, differencing, between] as const)))('%s: withheld (%s)', async (_, differencing, between) => {
    // A reviewer may be asked, where somebody dominates what is left of earlier numbers; what the reviewer sees is withheld as well.
    expect(await run(differencing, between)).toEqual({ exact: true, found: null });
  }, 120_000);

  test('where many came everywhere, what is shown of them is what would be shown had nothing left before', async () => {
    const more = await domain.load([...city(15), ...DISTRICTS.flatMap((_, d) => BANDS.flatMap((__, b) => of(d, b, 40, 30_000)))]);
    const sql = 'SELECT district, age_band, sum(income) FROM people GROUP BY district, age_band';
    const [branch, fresh] = [domain.branch(), domain.branch()];
    for (const by of ['district', 'age_band', 'district, age_band']) await (await branch.operator(start, POLICY('refuse'))).ask(`SELECT ${by}, sum(income) FROM people GROUP BY ${by}`);
    const later = await table(await branch.operator(more, POLICY('refuse')), sql);
    expect(later).toEqual(await table(await fresh.operator(more, POLICY('refuse')), sql));
    expect([...later.values()].filter((value) => value === null)).toEqual([]);
    branch.close();
    fresh.close();
  }, 60_000);
});
