/**
 * Sessions of jobs over one table of rows, and the attacker who has seen them all: as many unknowns as there are crossings of the
 * dimensions, every published number as an equation, and the smallest and largest value that is left for each cell that failed
 * a rule. Independent of how the release works out its equations.
 */
import type { Cell, Evidence, GateCells, Measure, Output } from '#sandbox/release/cells.ts';
import { linkedTable, type LinkedTable } from '#sandbox/release/linked-table.ts';
import type { AtomSet, Parts, Slice } from '#sandbox/release/place.ts';
import { release, type Release, type ReleaseOptions } from '#sandbox/release/release.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import fc from './fast-check.ts';
import { policy } from './gate.ts';
import { KIND } from './microdata.ts';

export const MIN = 5;
export const VALUES = { a: ['p', 'q', 'r'], b: ['x', 'y', 'z'], c: ['k', 'l'] } as const;
export type Dimension = keyof typeof VALUES;
export const DIMENSIONS = Object.keys(VALUES) as Dimension[];
/** A coarser level of `a`. */
const LEVEL: Readonly<Record<string, string>> = { p: 'left', q: 'left', r: 'right' };

export interface Person {
  readonly a: string;
  readonly b: string;
  readonly c: string;
  readonly v: number;
}

type Key = Dimension | 'level';
type Filter = Readonly<Record<Dimension, readonly string[] | null>>;

interface Condition {
  readonly dimension: Dimension;
  readonly values: readonly string[];
}

export interface Question {
  readonly by: readonly Key[];
  /** By dimension: what the filter leaves; null for all. */
  readonly filter: Filter;
  /** Rows that meet one of two conditions on two dimensions; null for all. */
  readonly either?: readonly [Condition, Condition] | null;
  /** A second measure of part of the rows: FILTER, CASE. */
  readonly branch: Condition | null;
  readonly sums: boolean;
}

const ATOMS = VALUES.a.flatMap((a) => VALUES.b.flatMap((b) => VALUES.c.map((c) => ({ a, b, c }))));
const keyOf = (key: Key, row: { readonly a: string; readonly b: string; readonly c: string }): string => (key === 'level' ? LEVEL[row.a] ?? '' : row[key]);
const setOf = (values: readonly string[]): AtomSet => ({ negated: false, atoms: values.map((value) => `=${value}`) });
const holds = ({ dimension, values }: Condition, row: Omit<Person, 'v'>): boolean => values.includes(row[dimension]);
const isLeft = ({ filter, either }: Pick<Question, 'filter' | 'either'>, row: Omit<Person, 'v'>): boolean =>
  DIMENSIONS.every((name) => filter[name]?.includes(row[name]) ?? true) && (either?.some((condition) => holds(condition, row)) ?? true);
const sliceOf = ({ dimension, values }: Condition): Slice => ({ root: dimension, inside: setOf(values) });
/** The one, or the other without it. */
const partsOf = ([one, other]: readonly [Condition, Condition]): Parts => [[sliceOf(one)], [{ root: one.dimension, inside: { negated: true, atoms: setOf(one.values).atoms } }, sliceOf(other)]];

export function gateOf(persons: readonly Person[], question: Question, id: number): GateCells {
  const { by, filter, either, branch, sums } = question;
  const conditions = branch === null ? [null] : [null, branch];
  const measures: Measure[] = conditions.flatMap((condition, i): Measure[] => {
    const named = condition === null ? [] : [`${condition.dimension} in ${condition.values.join()}`];
    const bound = { [KIND]: { rows: 1n, total: null } };
    return sums
      ? [{ id: i, of: { kind: 'column', column: 'data.t.v', scale: 0 }, conditions: named, magnitude: true, bound }]
      : [{ id: i, of: { kind: 'rows' }, conditions: named, magnitude: false, bound }];
  });
  const outputs = measures.map(({ id: measure }): Output => (sums
    ? { name: `s${measure}`, type: 'DOUBLE', statistic: 'sum', terms: [{ coefficient: '1', measure }], count: measure }
    : { name: `n${measure}`, type: 'BIGINT', statistic: 'count', measure }));
  const groups = Map.groupBy(persons.filter((person) => isLeft(question, person)), (person) => JSON.stringify(by.map((key) => keyOf(key, person))));
  const cells = [...groups].map(([key, group]): Cell => ({
    keys: JSON.parse(key) as string[],
    evidence: conditions.map((condition) => evidenceOf(group.filter((person) => condition === null || condition.values.includes(person[condition.dimension])), sums)),
  }));
  const atoms = ATOMS.filter((atom) => isLeft(question, atom));
  const universe = [...new Map(atoms.map((atom) => by.map((key) => keyOf(key, atom))).map((keys) => [keys.join(), keys])).values()];
  const slices = DIMENSIONS.flatMap((root): Slice[] => (filter[root] === null ? [] : [{ root, inside: setOf(filter[root]) }]));
  return {
    spec: { id, datasets: ['data'], kinds: [KIND], columns: [], keys: by.map((name) => ({ name, type: 'VARCHAR', public: true })), measures, outputs, relation: `gate ${id}` },
    cells, universe,
    place: {
      base: 't', slices, ...(either === null || either === undefined ? {} : { parts: [partsOf(either)] }), closed: new Map(DIMENSIONS.map((name) => [name, VALUES[name].map((value) => `=${value}`)])),
      keys: by.map((key) => (key === 'level'
        ? { root: 'a', known: new Map(['left', 'right'].map((level) => [JSON.stringify([level]), setOf(VALUES.a.filter((value) => LEVEL[value] === level))])), bare: false }
        : { root: key, known: new Map(), bare: true })),
      measures: conditions.map((condition) => ({ rest: [], present: null, slices: condition === null ? [] : [{ root: condition.dimension, inside: setOf(condition.values) }] })),
    },
  };
}

function evidenceOf(persons: readonly Person[], sums: boolean): Evidence {
  const values = persons.map(({ v }) => BigInt(v)).sort((x, y) => (x < y ? 1 : x > y ? -1 : 0));
  const total = values.reduce((sum, value) => sum + value, 0n);
  const count = BigInt(values.length);
  return { count, sum: sums ? total : count, units: { [KIND]: { exact: count } }, concentration: { [KIND]: { absoluteTotal: total, largest: values.slice(0, 4) } } };
}

export interface Played {
  readonly persons: readonly Person[];
  readonly releases: readonly Release[];
  readonly jobs: readonly (readonly Question[])[];
}

export const STATISTICS = { units: { [KIND]: { min: MIN } }, secondary: 'required', dominance: [{ rule: 'p-percent', p: 20 }] };

/** Jobs one after the other. `remembers`: whether each knows what left before. */
export function play(persons: readonly Person[], jobs: readonly (readonly Question[])[], solver: LinearSolver, remembers: boolean, statistics: (job: number) => Record<string, unknown> = () => STATISTICS): Played {
  const history: LinkedTable[] = [];
  const releases = jobs.map((questions, job) => {
    const options: ReleaseOptions = { solver, ...(remembers ? { history: [...history] } : {}) };
    const result = release(questions.map((question, id) => gateOf(persons, question, id)), [policy(statistics(job), 'data')], options);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    for (const gate of result.value.decided) if (gate.gate.place !== undefined) history.push(linkedTable(gate, gate.gate.place));
    return result.value;
  });
  return { persons, releases, jobs };
}

/** One number of one job. */
interface Seen {
  readonly job: number;
  readonly box: string;
  readonly sums: boolean;
  /** Atoms in it. */
  readonly atoms: readonly number[];
  readonly value: number;
  readonly shown: boolean;
  /** How wide its range must stay; 0 where no rule failed. */
  readonly width: number;
  /** Who is alone in it. */
  readonly lone: Person | null;
}

function everythingSeen({ persons, releases, jobs }: Played): readonly Seen[] {
  return releases.flatMap(({ decided }, job) => decided.flatMap((gate, g) => {
    const question = jobs[job]![g]!;
    const { by, branch, sums } = question;
    const table = linkedTable(gate, gate.gate.place!);
    return table.faces.filter(({ face }) => face === 'total').flatMap(({ measure, cells }) => cells.map((cell, row): Seen => {
      const keys = table.rows[row]!.keys;
      const atoms = ATOMS.flatMap((atom, i) => {
        const inside = isLeft(question, atom) && by.every((key, k) => keyOf(key, atom) === keys[k]) && (measure === 0 || branch === null || branch.values.includes(atom[branch.dimension]));
        return inside ? [i] : [];
      });
      return { job, box: `${sums} ${atoms.join()}`, sums, atoms, value: Number(cell.value), shown: cell.shown, width: Number(cell.width), lone: cell.lone ? persons.find((person) => atoms.some((atom) => DIMENSIONS.every((name) => ATOMS[atom]![name] === person[name]))) ?? null : null };
    }));
  }));
}

export interface Found {
  /** Range of the cell when all jobs were done. */
  readonly range: number;
  /** What it should be at least: the rule's width, or what was left before anybody asked for the cell. */
  readonly level: number;
}

/** Ranges of all cells that failed a rule, for whoever saw everything. */
export function attack(played: Played, solver: LinearSolver): readonly Found[] {
  const seen = everythingSeen(played);
  const wanted = [...Map.groupBy(seen.filter(({ width, shown }) => width > 0 && !shown), ({ box }) => box).values()];
  return wanted.flatMap((same): readonly Found[] => {
    const [first] = same;
    const width = Math.max(...same.map((each) => each.width));
    const now = rangeOf(first!, seen, [], solver);
    // What had left before could not be taken back.
    const asked = Math.min(...same.map(({ job }) => job));
    const then = now >= width ? Infinity : Math.floor(rangeOf(first!, seen.filter(({ job }) => job < asked), [], solver) + 1e-6);
    return [{ range: now, level: Math.min(width, then) }];
  });
}

/** The same for those who are alone in some cell, and know what is in it. */
export function attackByLoneUnits(played: Played, solver: LinearSolver): readonly Found[] {
  const seen = everythingSeen(played);
  const lone = [...new Map(seen.filter((each) => each.lone !== null).map((each) => [each.box, each])).values()];
  const wanted = [...Map.groupBy(seen.filter(({ width, shown, value }) => width > 0 && !shown && value > 0), ({ box }) => box).values()];
  return lone.flatMap((own) => wanted.flatMap((same): readonly Found[] => {
    const [first] = same;
    // Its own secret, under whatever box.
    if (first!.lone === own.lone || first!.sums !== own.sums) return [];
    const width = Math.max(...same.map((each) => each.width));
    const now = rangeOf(first!, seen, [own], solver);
    // Nobody knew of either before it was asked for.
    const asked = Math.max(...[same, seen.filter(({ box }) => box === own.box)].map((cells) => Math.min(...cells.map(({ job }) => job))));
    const then = now >= width ? Infinity : Math.floor(rangeOf(first!, seen.filter(({ job }) => job < asked), [own], solver) + 1e-6);
    return [{ range: now, level: Math.min(width, then) }];
  }));
}

const MOST = 1e6;

function rangeOf(target: Seen, seen: readonly Seen[], known: readonly Seen[], solver: LinearSolver): number {
  const equations = [...new Map([...seen.filter((each) => each.shown && each.sums === target.sums), ...known].filter(({ atoms }) => atoms.length > 0).map((each) => [each.box, each])).values()]
    .map(({ atoms, value }, i) => ` e${i}: ${atoms.map((atom) => `x${atom}`).join(' + ')} = ${value}`);
  const ends = ['Minimize', 'Maximize'].map((direction) => solver([
    direction, ' obj: t', 'Subject To', ...equations, ` t: ${target.atoms.map((atom) => `x${atom}`).join(' + ')} - t = 0`, 'Bounds', ...ATOMS.map((_, i) => ` 0 <= x${i} <= ${MOST}`), ` 0 <= t <= ${MOST * ATOMS.length}`, 'End',
  ].join('\n'))?.get('t'));
  if (ends.some((end) => end === undefined)) throw new Error('what was released contradicts itself');
  return ends[1]! - ends[0]!;
}

const subset = (values: readonly string[]) => fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.subarray([...values], { minLength: 1, maxLength: values.length - 1 }) });
const filter = fc.record({ a: subset(VALUES.a), b: subset(VALUES.b), c: subset(VALUES.c) });
const keys = fc.subarray<Key>(['a', 'level', 'b', 'c'], { maxLength: 2 }).filter((by) => !(by.includes('a') && by.includes('level')));
const conditionOn = (dimension: Dimension) => fc.record({ dimension: fc.constant(dimension), values: fc.subarray<string>([...VALUES[dimension]], { minLength: 1, maxLength: VALUES[dimension].length - 1 }) });
const branch = fc.option(fc.constantFrom(...DIMENSIONS).chain(conditionOn), { freq: 3, nil: null });
const either = fc.option(fc.shuffledSubarray(DIMENSIONS, { minLength: 2, maxLength: 2 }).chain(([a = 'a', b = 'b']) => fc.tuple(conditionOn(a), conditionOn(b))), { freq: 3, nil: null });
export const questions = (sums: boolean): fc.Arbitrary<Question> => fc.record({ by: keys, filter, either, branch, sums: fc.constant(sums) });
export const sessions = (sums: boolean) => fc.array(fc.array(questions(sums), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 });

const size = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 5, max: 40 }));
/** Persons of every crossing, some few of whom have most. */
export const persons: fc.Arbitrary<readonly Person[]> = fc.array(fc.tuple(size, fc.nat(5), fc.nat(400)), { minLength: ATOMS.length, maxLength: ATOMS.length })
  .map((cells) => cells.flatMap(([n, rich, most], i) => Array.from({ length: n }, (_, k): Person => ({ ...ATOMS[i]!, v: k === 0 && rich === 0 ? 100 + most : 5 + (k % 7) }))));
