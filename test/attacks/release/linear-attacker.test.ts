/**
 * The strongest attacker there is against tables of one job: whole numbers of people in every crossing of the dimensions, every
 * published number as an equation, and the smallest and largest value of each withheld cell that is left. Random jobs of
 * filters and group keys; independent of how the release works out its equations.
 */
import { beforeAll, expect, test } from 'vitest';
import type { GateCells } from '#sandbox/release/cells.ts';
import type { Slice } from '#sandbox/release/place.ts';
import { release, type Release } from '#sandbox/release/release.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import fc from '../../support/fast-check.ts';
import { policy } from '../../support/gate.ts';
import { KIND, table, type Row } from '../../support/microdata.ts';

const MIN = 5;
const VALUES = { a: ['p', 'q', 'r'], b: ['x', 'y', 'z'], c: ['k', 'l'] } as const;
type Dimension = keyof typeof VALUES;
const DIMENSIONS = Object.keys(VALUES) as Dimension[];
const ATOMS = VALUES.a.flatMap((a) => VALUES.b.flatMap((b) => VALUES.c.map((c) => ({ a, b, c }))));

interface Question {
  readonly by: readonly Dimension[];
  /** By dimension: what the filter leaves; null for all. */
  readonly filter: Readonly<Record<Dimension, readonly string[] | null>>;
}

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

function gateOf(rows: readonly Row[], { by, filter }: Question, id: number): GateCells {
  const left = rows.filter((row) => DIMENSIONS.every((name) => filter[name]?.includes(row[name] ?? '') ?? true));
  const gate = table(left, { id, by });
  const slices = DIMENSIONS.flatMap((root): Slice[] => (filter[root] === null ? [] : [{ root, inside: { negated: false, atoms: filter[root].map((value) => `=${value}`) } }]));
  const combinations = by.reduce<readonly (readonly string[])[]>((done, name) => done.flatMap((start) => (filter[name] ?? VALUES[name]).map((value) => [...start, value])), [[]]);
  return {
    ...gate, universe: combinations,
    place: {
      base: 't', slices, closed: new Map(DIMENSIONS.map((name) => [name, VALUES[name].map((value) => `=${value}`)])),
      keys: by.map((root) => ({ root, known: new Map(), bare: true })), measures: [{ rest: [], present: null, slices: [] }],
    },
  };
}

/** Widths of what is left for each cell that failed a rule. */
function widths({ decided }: Release, questions: readonly Question[]): readonly number[] {
  const cells = decided.flatMap(({ rows }, g) => rows.map((row) => {
    const { by, filter } = questions[g] ?? { by: [], filter: { a: null, b: null, c: null } };
    const inside = ATOMS.flatMap((atom, i) => (DIMENSIONS.every((name) => filter[name]?.includes(atom[name]) ?? true) && by.every((name, k) => row.keys[k] === atom[name]) ? [`x${i}`] : []));
    return { inside, value: Number(row.evidence[0]?.sum), hidden: row.withheld[0]?.total === true, primary: row.assessments[0]?.enoughUnits === false };
  }));
  const known = cells.filter(({ hidden }) => !hidden).map(({ inside, value }, c) => ` c${c}: ${inside.join(' + ')} = ${value}`);
  return cells.filter(({ primary }) => primary).map(({ inside, hidden }) => {
    expect(hidden).toBe(true);
    const ends = ['Minimize', 'Maximize'].map((direction) => solver([
      direction, ' obj: t', 'Subject To', ...known, ` t: ${inside.join(' + ')} - t = 0`, 'Bounds', ...ATOMS.map((_, i) => ` 0 <= x${i} <= 1000`), ' 0 <= t <= 100000', 'Generals', ` ${ATOMS.map((_, i) => `x${i}`).join(' ')}`, 'End',
    ].join('\n'))?.get('t'));
    if (ends.some((end) => end === undefined)) throw new Error('what was released contradicts itself');
    return (ends[1] ?? 0) - (ends[0] ?? 0);
  });
}

const subset = <T>(values: readonly T[]) => fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.subarray([...values], { minLength: 1, maxLength: values.length - 1 }) });
const question = fc.record({ by: fc.subarray(DIMENSIONS, { maxLength: 2 }), filter: fc.record({ a: subset<string>(VALUES.a), b: subset<string>(VALUES.b), c: subset<string>(VALUES.c) }) });
const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 5, max: 40 })), { minLength: ATOMS.length, maxLength: ATOMS.length });

function job(counts: readonly number[], questions: readonly Question[], secondary: 'required' | 'none'): Release {
  const rows = ATOMS.flatMap((atom, i) => Array.from({ length: counts[i] ?? 0 }, (): Row => atom));
  const result = release(questions.map((each, id) => gateOf(rows, each, id)), [policy({ units: { [KIND]: { min: MIN } }, secondary }, 'data')], { solver });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

test('random jobs of filters and groups: every cell that failed keeps a range as wide as the minimum', () => {
  let attacked = 0;
  fc.assert(fc.property(sizes, fc.array(question, { minLength: 2, maxLength: 5 }), (counts, questions) => {
    const found = widths(job(counts, questions, 'required'), questions);
    attacked += found.length;
    return found.every((width) => width >= MIN - 1e-6);
  }), { numRuns: 40, seed: 11 });
  expect(attacked).toBeGreaterThan(20);
});

test('without secondary suppression the same attacker pins cells down', () => {
  const pinned = fc.sample(fc.tuple(sizes, fc.array(question, { minLength: 4, maxLength: 5 })), { numRuns: 25, seed: 11 })
    .flatMap(([counts, questions]) => widths(job(counts, questions, 'none'), questions)).filter((width) => width < MIN);
  expect(pinned.length).toBeGreaterThan(0);
});
