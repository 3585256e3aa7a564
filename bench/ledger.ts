/** How long does it take to look back over everything released before, and what does that add to a query? */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Ledger } from '#sandbox/ledger/ledger.ts';
import { Memory, type RememberedCell } from '#sandbox/ledger/memory.ts';
import { packTable, type PastTable } from '#sandbox/ledger/past-table.ts';
import { SKETCH_WORDS } from '#sandbox/ledger/sketch.ts';
import { putSmallest, smallestOf } from '#sandbox/ledger/smallest.ts';
import type { LinkedCell } from '#sandbox/release/linked-table.ts';
import { Chained, workerOver } from './chained.ts';
import { benchSnapshot } from './data.ts';
import { geometricMean, median, metered, ms, ratio, report, type Metered, type Report, type ReportTable } from './measure.ts';
import type { Scale } from './scale.ts';

const KIND = 'person';
const STRIP = 10_000;
/** A minimum of 10 units. */
const SLACK = 9;

export const ledger = (scale: Scale): Promise<Report> => report(
  'How long does it take to look back over everything released before?',
  'Remembered cells with log-uniform sizes, once up to a million units and once all small, and the tables that they left in; then a table of 10,000 cells, half of which were released before. The aim: under 1 s and 200 MiB at a million. Queries over 300,000 persons, one row each, medians of rounds that each start with an empty ledger; the aim: under three times as long.',
  async () => [
    { title: 'disclosure ledger, in memory', columns: ['sizes', 'remembered', 'fill ms', 'sort ms', 'table ms', 'hit µs', 'miss µs', 'found', 'MiB', 'tables MiB'], rows: await inMemory(scale) },
    await queries(scale),
  ],
);

async function inMemory(scale: Scale): Promise<ReportTable['rows']> {
  const rows = [];
  for (const [least, most] of [[10, 1_000_000], [10, 100]] as const) rows.push([`${least} to ${most}`, ...await measure(scale.name === 'smoke' ? 20_000 : 1_000_000, cells(least, most))]);
  return rows;
}

/** New numbers each, so that nothing is given from before: what looking back costs where there is nothing to be found. */
const QUESTIONS = [
  { name: 'count', sql: 'SELECT count(*) AS n FROM residents' },
  { name: 'count by sex, education', sql: 'SELECT sex, education, count(*) AS n FROM residents GROUP BY sex, education' },
  { name: 'count, income by district', sql: 'SELECT district, count(*) AS n, sum(income) AS total, avg(income) AS mean FROM residents GROUP BY district' },
  { name: 'count by street', sql: 'SELECT street, count(*) AS n FROM residents GROUP BY street' },
  { name: 'three dimensions, filter', sql: "SELECT district, occupation, insurance, count(*) AS n FROM residents WHERE birth_year >= 1970 AND sex = '女' GROUP BY ALL" },
  { name: 'income by education', sql: 'SELECT education, sum(income) AS total FROM residents GROUP BY education' },
  { name: 'count by occupation, sex', sql: 'SELECT occupation, sex, count(*) AS n FROM residents GROUP BY ALL' },
];

/** The questions one after the other on an empty ledger, each without it and with it, and once more with it. */
async function queries(scale: Scale): Promise<ReportTable> {
  const snapshot = await benchSnapshot('persons', scale.name === 'smoke' ? scale.rows : 300_000);
  const workspace = await workerOver(snapshot);
  const times = QUESTIONS.map(() => ({ without: [] as Metered[], with: [] as Metered[], again: [] as Metered[] }));
  for (let round = -1; round < scale.rounds; round++) {
    // A ledger of its own for each round, in a worker that has been asked before.
    const domain = new Chained({ ...workspace, ledger: new Ledger(workspace.ledger.populations) }, snapshot);
    for (const [i, { sql }] of QUESTIONS.entries()) {
      const [without, first, again] = [await domain.ask(sql, { differencing: 'none' }), await domain.ask(sql, { differencing: 'warn' }), await domain.ask(sql, { differencing: 'warn' })];
      const of = times[i];
      // The first round only warms.
      if (of === undefined || (round < 0 && scale.rounds > 1)) continue;
      of.without.push(without);
      of.with.push(first);
      of.again.push(again);
    }
  }
  workspace.data?.close();
  workspace.scratch.close();
  const middle = (list: readonly Metered[]): Metered => ({ wall: median(list.map(({ wall }) => wall)), cpu: median(list.map(({ cpu }) => cpu)) });
  const rows = QUESTIONS.map(({ name }, i) => ({ name, without: middle(times[i]?.without ?? []), first: middle(times[i]?.with ?? []), again: middle(times[i]?.again ?? []) }));
  const mean = (of: (row: (typeof rows)[number]) => number): number => ratio(geometricMean(rows.map(of)));
  return {
    title: 'a query without the ledger, with it, and asked again',
    columns: ['question', 'without ms', 'with ms', 'ratio', 'of cpu', 'again ms', 'ratio'],
    rows: [
      ...rows.map(({ name, without, first, again }) => [name, ms(without.wall), ms(first.wall), ratio(first.wall / without.wall), ratio(first.cpu / without.cpu), ms(again.wall), ratio(again.wall / without.wall)]),
      ['geometric mean', ms(geometricMean(rows.map(({ without }) => without.wall))), ms(geometricMean(rows.map(({ first }) => first.wall))), mean(({ without, first }) => first.wall / without.wall), mean(({ without, first }) => first.cpu / without.cpu), ms(geometricMean(rows.map(({ again }) => again.wall))), mean(({ without, again }) => again.wall / without.wall)],
    ],
  };
}

async function measure(remembered: number, made: () => (value: unknown, i: number) => RememberedCell): Promise<readonly number[]> {
  const cell = made();
  await collect();
  const before = process.memoryUsage().arrayBuffers;
  const memory = new Memory<{ kind: string }>();
  const known: RememberedCell[] = [];
  const filling = performance.now();
  for (let strip = 0; strip < remembered / STRIP; strip++) {
    const added = Array.from({ length: STRIP }, cell);
    memory.add({ kind: KIND }, added);
    known.push(...added.slice(0, (5_000 * STRIP) / remembered));
  }
  const fill = performance.now() - filling;
  const fresh = Array.from({ length: 5_000 }, cell);
  // The first question sorts what has been added.
  const [sort] = ask(memory, fresh.slice(0, 1));
  const [hits, found] = ask(memory, known);
  const [misses] = ask(memory, fresh);
  const mebibytes = (process.memoryUsage().arrayBuffers - before) / 2 ** 20;
  const again = made();
  const packed = Array.from({ length: remembered / STRIP }, (_, strip) => tableOf(Array.from({ length: STRIP }, again), strip).packed.length).reduce((sum, bytes) => sum + bytes, 0);
  return [memory.length, ms(fill), ms(sort), ms(hits + misses), ms((1000 * hits) / known.length), ms((1000 * misses) / fresh.length), found, Math.round(mebibytes), Math.round(packed / 2 ** 20)];
}

function ask(memory: Memory<{ kind: string }>, asked: readonly RememberedCell[]): readonly [number, number] {
  const began = performance.now();
  const found = asked.reduce((sum, one) => sum + memory.neighbours({ kind: KIND }, one, SLACK).filter(({ equal }) => equal).length, 0);
  return [performance.now() - began, found];
}

/** What an earlier measurement left is not counted as freed by this one. */
async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  gc();
  // Buffers are given back after the collection.
  await setTimeout(100);
}

/** Cells from a small generator, the same in every run: of so many units of `PERSONS`, each in a bucket of its own choosing. */
const cells = (least: number, most: number) => (): (value: unknown, i: number) => RememberedCell => {
  let state = 1;
  const random = (): number => (state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) | 0) >>> 0;
  const behind = (units: number): Pick<RememberedCell, 'sketch' | 'smallest'> => {
    const sketch = new Uint32Array(SKETCH_WORDS);
    if (units >= FILLS) return { sketch: sketch.map(random), smallest: new Uint32Array() };
    const smallest = new Uint32Array(smallestOf(units));
    let kept = 0;
    for (let unit = 0; unit < units; unit++) {
      const draw = random();
      sketch[(draw >>> 4) % SKETCH_WORDS]! ^= (draw >>> 30) << (2 * ((draw >>> 8) % 16));
      if (smallest.length > 0) kept = putSmallest(smallest, kept, Math.imul(random() % PERSONS, 0x9e37_79b1) >>> 0);
    }
    return { sketch, smallest };
  };
  return (_, i) => {
    const units = Math.round(least * (most / least) ** (random() / 2 ** 32));
    return { key: `["区县${i % 300}","[${1900 + (i % 100)},..)"]`, units, fingerprint: (BigInt(random()) << 32n) | BigInt(random()), ...behind(units), value: BigInt(random()) };
  };
};

/** Of the city. */
const PERSONS = 1_000_000;

/** Units that leave no bucket as it was. */
const FILLS = 2000;

/** The same numbers as a table of a hundred rows and columns, of which one in ten was withheld. */
function tableOf(cells_: readonly RememberedCell[], strip: number): PastTable {
  const numbers = cells_.map(({ value: own }, i): LinkedCell => {
    const failed = i % 10 === 3;
    const value = own ?? 0n;
    return { value: failed ? value % 10n : value, recalled: false, shown: !failed, held: failed, width: failed ? 10n : 0n, lone: i % 100 === 3, low: 0n, high: failed ? 9n : null };
  });
  return packTable({
    place: {
      base: 'rows', slices: [{ root: `filter ${strip}`, inside: { negated: false, atoms: ['=x'] } }], closed: new Map(),
      keys: ['row', 'column'].map((root) => ({ root, known: new Map(), bare: true })), measures: [{ rest: [], present: null, slices: [] }],
    },
    rows: cells_.map((_, i) => ({ keys: [`区县${i % 100}`, Math.floor(i / 100)] })), named: cells_.length,
    faces: [{ key: 'rows', measure: 0, face: 'total', magnitude: false, nonNegative: true, cells: numbers }],
  }, [{ dataset: 'bench', snapshot: null }]);
}
