/** Tables that left in earlier jobs, as the release of a later one sees them. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { GateCells } from '#sandbox/release/cells.ts';
import { linkedTable, type LinkedTable } from '#sandbox/release/linked-table.ts';
import { release, type Release } from '#sandbox/release/release.ts';
import { statementOf } from '#sandbox/release/statement.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import { policy } from '../../support/gate.ts';
import { gateOf, MIN, STATISTICS, VALUES, type Dimension, type Person } from '../../support/linked-session.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

/** So many in each crossing of `a` and `b`; `c` halves them. */
const town = (sizes: (a: string, b: string) => number): readonly Person[] =>
  VALUES.a.flatMap((a) => VALUES.b.flatMap((b) => Array.from({ length: sizes(a, b) }, (_, i): Person => ({ a, b, c: VALUES.c[i % 2]!, v: 1 + (i % 7) }))));
const TOWN = town((a, b) => (a === 'p' && b === 'x' ? 3 : 12 + a.charCodeAt(0) % 5 + b.charCodeAt(0) % 3));

const gate = (by: readonly Dimension[], filter: Partial<Record<Dimension, readonly string[]>> = {}, persons = TOWN): GateCells =>
  gateOf(persons, { by, filter: { a: null, b: null, c: null, ...filter }, branch: null, sums: false }, 0);
/** Whose keys are no public list: rows of few do not exist. */
const notPublic = (of: GateCells): GateCells => ({ ...of, spec: { ...of.spec, keys: of.spec.keys.map((key) => ({ ...key, public: false })) }, universe: null });

interface Job {
  readonly gate: GateCells;
  readonly min?: number;
  /** Without one, only networks can be protected well. */
  readonly helpless?: boolean;
}

/** One job after the other, each with what left before. */
function session(jobs: readonly Job[]): readonly Release[] {
  const history: LinkedTable[] = [];
  return jobs.map((job) => {
    const result = release([job.gate], [policy({ ...STATISTICS, units: { unit: { min: job.min ?? MIN } } }, 'data')], { ...(job.helpless === true ? {} : { solver }), history: [...history] });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    for (const decided of result.value.decided) if (decided.gate.place !== undefined) history.push(linkedTable(decided, decided.gate.place));
    return result.value;
  });
}

/** By keys: the number, or null where it was withheld. Rows that do not exist are not there. */
const shown = ({ tables: [table] }: Release): Readonly<Record<string, number | null>> =>
  Object.fromEntries(table!.load.rows.map((row) => [row.slice(0, -2).join(' '), row.at(-2) === null ? null : Number(row.at(-2))]));
const withheldIn = (of: Release): readonly string[] => Object.entries(shown(of)).flatMap(([key, value]) => (value === null ? [key] : []));

test('margins asked for one after the other leave the small cell its range', () => {
  const [cross, byA, byB] = session([{ gate: gate(['a', 'b']) }, { gate: gate(['a']) }, { gate: gate(['b']) }]);
  // Nothing had left that would give it away: the margins have to give way.
  expect(withheldIn(cross!)).toEqual(['p x']);
  expect(shown(byA!)['p']).toBeNull();
  expect(shown(byA!)['q']).toEqual(expect.any(Number));
  expect(shown(byB!)['x']).toBeNull();
});

test('the rest of a margin that was shown cannot be asked for', () => {
  const [byA, few, rest] = session([{ gate: gate(['a']) }, { gate: gate(['a'], { b: ['x'] }) }, { gate: gate(['a'], { b: ['y', 'z'] }) }]);
  expect(withheldIn(byA!)).toEqual([]);
  expect(withheldIn(few!)).toContain('p');
  expect(shown(rest!)['p']).toBeNull();
});

test('what a minimum withheld stays so under a lower one, and so do its covers', () => {
  const [margins, cross, again] = session([{ gate: gate(['a']) }, { gate: gate(['a', 'b']) }, { gate: gate(['a', 'b']), min: 2 }]);
  expect(withheldIn(margins!)).toEqual([]);
  expect(withheldIn(cross!).length).toBeGreaterThan(1);
  expect(withheldIn(again!)).toEqual(withheldIn(cross!));
  expect(withheldIn(session([{ gate: gate(['a', 'b']), min: 2 }])[0]!)).toEqual([]);
});

test('a row that did not exist does not come into being under a lower minimum', () => {
  const [first, again, alone] = session([{ gate: notPublic(gate(['a', 'b'])) }, { gate: notPublic(gate(['a', 'b'])), min: 2 }, { gate: notPublic(gate(['b'], { a: ['p'] })), min: 2 }]);
  expect(Object.keys(shown(first!))).not.toContain('p x');
  expect(Object.keys(shown(again!))).toEqual(Object.keys(shown(first!)));
  expect(Object.keys(shown(alone!))).not.toContain('x');
  expect(Object.keys(shown(session([{ gate: notPublic(gate(['a', 'b'])), min: 2 }])[0]!))).toContain('p x');
});

test('what was hidden only because nothing better was found does not bind later jobs', () => {
  // Three dimensions with their margins are no network: without a solver, all that is connected goes.
  const cube = town((a, b) => (a === 'p' && b === 'x' ? 6 : 30));
  const before = [{ gate: gate(['a', 'b'], {}, cube) }, { gate: gate(['b', 'c'], {}, cube) }, { gate: gate(['a', 'c'], {}, cube) }];
  const [, , , helpless, again] = session([...before, { gate: gate(['a', 'b', 'c'], {}, cube), helpless: true }, { gate: gate(['a', 'b', 'c'], {}, cube) }]);
  const [, , , best] = session([...before, { gate: gate(['a', 'b', 'c'], {}, cube) }]);
  expect(withheldIn(helpless!)).toHaveLength(18);
  expect(withheldIn(best!).length).toBeLessThan(18);
  expect(withheldIn(again!)).toEqual(withheldIn(best!));
});

describe('history', () => {
  test('of other rows is not linked', () => {
    const cross = gate(['a', 'b']);
    const other: GateCells = { ...gate(['a']), place: { ...gate(['a']).place!, base: 'another' } };
    const [, margin] = session([{ gate: cross }, { gate: other }]);
    expect(withheldIn(margin!)).toEqual([]);
  });

  test('of which not everything could be looked at lets nothing new out, and what is known stays', () => {
    const [cross] = session([{ gate: gate(['a', 'b']) }]);
    const [left] = cross!.decided.map((decided) => linkedTable(decided, decided.gate.place!));
    const ask = (of: GateCells, unseen: ReadonlySet<string>, differencing: string) => {
      const result = release([of], [policy({ ...STATISTICS, differencing }, 'data')], { solver, history: [left!], unseen });
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      said = statementOf([result.value]);
      return { ...shown(result.value), exact: result.value.exact };
    };
    let said = statementOf([]);
    const tells = (): boolean => said.sentences.some(({ en }) => en.includes('overlap in more ways than could be worked out')) && said.help.some(({ en }) => en.includes('one table with all dimensions'));
    const unseen = new Set(left!.faces.map(({ key }) => key));
    expect(ask(gate(['a']), new Set(), 'warn')).toMatchObject({ q: expect.any(Number) as number, exact: true });
    expect(tells()).toBe(false);
    expect(ask(gate(['a']), unseen, 'warn')).toEqual({ p: null, q: null, r: null, exact: false });
    expect(tells()).toBe(true);
    expect(ask(gate(['a']), new Set(['of something else']), 'warn')).toMatchObject({ q: expect.any(Number) as number, exact: true });
    // The job as a whole is refused or held then, whatever is in it.
    expect(ask(gate(['a']), unseen, 'hold')).toMatchObject({ q: expect.any(Number) as number, exact: false });
    expect(ask(gate(['a', 'b']), unseen, 'warn')).toEqual({ ...shown(cross!), exact: false });
  });

  test('gives the same pattern each time', () => {
    const jobs = [{ gate: gate(['a', 'b']) }, { gate: gate(['b'], { a: ['p', 'q'] }) }, { gate: gate(['a', 'c']) }, { gate: gate(['b', 'c']) }, { gate: gate([]) }];
    expect(session(jobs).map(shown)).toEqual(session(jobs).map(shown));
  });
});
