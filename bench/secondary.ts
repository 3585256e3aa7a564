/** What does it cost to choose what else to hide, in one job and against all that left before? */
import { Ledger } from '#sandbox/ledger/ledger.ts';
import { isReached } from '#sandbox/sdc/secondary/cheapest-pattern.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import { isWitness, usesOf, type Equation, type Problem, type ProblemCell } from '#sandbox/sdc/secondary/problem.ts';
import { protect, type Protection } from '#sandbox/sdc/secondary/protect.ts';
import { Chained, workerOver } from './chained.ts';
import { benchSnapshot } from './data.ts';
import { median, ms, quantile, ratio, report, type Metered, type Report, type ReportTable } from './measure.ts';
import type { Scale } from './scale.ts';

const MIN = 10n;

export const secondary = (scale: Scale): Promise<Report> => report(
  'What does it cost to choose what else to hide?',
  'Tables with all margins, cells exponentially distributed around a mean, a minimum of 10; the aims: 1,000 × 100 in under 10 s, 50 × 50 in under 2 s, each hidden cell proved by a second table. `gap`: the share of the cost that another pattern could spare at most. Then many small tables of each shape, with the cheapest pattern and with the first that is found; times are of the processor. Then questions over 300,000 persons one after the other, without secondary suppression and with it against the same history.',
  async () => [await tables(scale), await cheapest(scale), await growing(scale)],
);

async function tables(scale: Scale): Promise<ReportTable> {
  const solver = await loadSolver();
  const shapes = scale.name === 'smoke' ? [[20, 10]] as const : [[50, 50], [1000, 100]] as const;
  return {
    title: 'one table with its margins',
    columns: ['rows', 'columns', 'mean', 'failing', 'further hidden', 'gap', 'ms', 'proofs ms'],
    rows: shapes.flatMap(([rows, columns]) => [60, 600, 3000].map((mean) => table(rows, columns, mean, solver))),
  };
}

function table(rows: number, columns: number, mean: number, solver: LinearSolver): readonly number[] {
  const problem = problemOf([rows, columns], mean);
  const failing = problem.cells.filter(({ width }) => width > 0n).length;
  const began = performance.now();
  const { secondary: further, cost, atLeast, witnesses } = protect(problem, solver);
  const took = performance.now() - began;
  const uses = usesOf(problem);
  const isHidden = (cell: number): boolean => further.has(cell) || problem.cells[cell]?.state === 'hidden';
  for (const [cell, list] of witnesses) if (!list.every((witness) => isWitness(problem, uses, isHidden, cell, witness))) throw new Error('a proof that proves nothing');
  return [rows, columns, mean, failing, further.size, gapOf(cost, atLeast), ms(took), ms(performance.now() - began - took)];
}

/** A table of so many groups in each dimension with all its margins, which come last in each. */
export function problemOf(sizes: readonly number[], mean: number, seed = 7): Problem {
  let state = seed;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff) / 0x7fff_ffff;
  const at = (place: readonly number[]): number => place.reduce((index, i, d) => index * ((sizes[d] ?? 0) + 1) + i, 0);
  const places = sizes.reduce<readonly (readonly number[])[]>((all, size) => all.flatMap((place) => Array.from({ length: size + 1 }, (_, i) => [...place, i])), [[]]);
  const isMargin = (place: readonly number[], d: number): boolean => place[d] === sizes[d];
  const parts = (place: readonly number[], d: number): readonly number[] => Array.from({ length: sizes[d] ?? 0 }, (_, i) => at(place.with(d, i)));
  const values = places.map((place) => (place.some((_, d) => isMargin(place, d)) ? 0n : BigInt(Math.floor(-mean * Math.log(random() + 1e-9)))));
  for (const [d] of sizes.entries()) {
    for (const [i, place] of places.entries()) {
      if (isMargin(place, d) && !place.slice(d + 1).some((_, e) => isMargin(place, d + 1 + e))) values[i] = parts(place, d).reduce((sum, part) => sum + (values[part] ?? 0n), 0n);
    }
  }
  const equations = sizes.flatMap((_, d) => places.flatMap((place, i): Equation[] => (isMargin(place, d) ? [[[i, 1], ...parts(place, d).map((part): [number, -1] => [part, -1])]] : [])));
  return {
    cells: places.map((place, i): ProblemCell => {
      const value = values[i] ?? 0n;
      return { value, state: value < MIN ? 'hidden' : 'open', width: value < MIN ? MIN : 0n, owner: value === 1n ? i : null, margin: place.some((_, d) => isMargin(place, d)), cells: 1, low: 0n, high: null };
    }),
    equations,
  };
}

const gapOf = (cost: number, atLeast: number): number => (isReached(cost, atLeast) ? 0 : ratio(1 - atLeast / cost));

const SHAPES = [[5, 4], [10, 5], [12, 8], [20, 10], [30, 20], [3, 3, 2], [5, 4, 3], [8, 6, 4]];

/** How much an integer program saves, and what it costs, over tables of many means. */
async function cheapest(scale: Scale): Promise<ReportTable> {
  const solver = await loadSolver();
  // Without multipliers there is no program, and what the first search finds stands.
  const without: LinearSolver = Object.assign((program: string) => solver(program), { withMultipliers: () => null });
  const [seeds, shapes] = scale.name === 'smoke' ? [1, SHAPES.slice(0, 2)] : [3, SHAPES];
  const rows: (string | number)[][] = [];
  for (const shape of shapes) {
    const found: { readonly first: Protection; readonly best: Protection; readonly before: number; readonly after: number }[] = [];
    for (const mean of [20, 60, 200, 600]) {
      for (let seed = 1; seed <= seeds; seed++) {
        const problem = problemOf(shape, mean, seed);
        const [first, before] = measured(() => protect(problem, without));
        const [best, after] = measured(() => protect(problem, solver));
        // What no search finds a pattern for is no matter of choice.
        if (first.secondary.size > 0 && first.whole.size === 0) found.push({ first, best, before, after });
      }
    }
    const extra = found.map(({ before, after }) => after - before);
    const share = (is: (each: (typeof found)[number]) => boolean): number => ratio(found.filter(is).length / found.length);
    const total = (of: (each: (typeof found)[number]) => number): number => found.reduce((sum, each) => sum + of(each), 0);
    rows.push([
      shape.join(' × '), found.length, share(({ first, best }) => best.cost < first.cost * (1 - 1e-4)), ratio(1 - total(({ best }) => best.cost) / total(({ first }) => first.cost)),
      share(({ best }) => isReached(best.cost, best.atLeast)), Math.max(...found.map(({ best }) => gapOf(best.cost, best.atLeast))), ms(median(found.map(({ before }) => before))), ms(median(extra)), ms(quantile(extra, 0.9)), ms(Math.max(...extra)),
    ]);
  }
  return { title: 'the cheapest pattern of small tables', columns: ['shape', 'tables', 'improved', 'cost saved', 'proved cheapest', 'largest gap', 'first ms', 'further ms, median', 'p90', 'most'], rows };
}

/** With milliseconds of processor time. */
function measured<T>(work: () => T): readonly [T, number] {
  const used = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(used);
  return [result, (user + system) / 1000];
}

const KEYS = ['district', 'sex', 'education', 'occupation', 'insurance'];
const FILTERS = [null, "sex = '女'", 'birth_year >= 1990', "birth_year < 1960 AND sex = '男'", 'birth_year >= 2005'];

/** Every pair of keys under every filter: fine tables whose small cells hang together with everything that comes after. */
const QUESTIONS = FILTERS.flatMap((where) => KEYS.flatMap((a, i) => [[a], ...KEYS.slice(i + 1).map((b) => [a, b])])
  .map((keys) => `SELECT ${keys.join(', ')}, count(*) AS n FROM residents${where === null ? '' : ` WHERE ${where}`} GROUP BY ALL`));

type Asked = Metered & { readonly withheld: number | null };

async function growing(scale: Scale): Promise<ReportTable> {
  const snapshot = await benchSnapshot('persons', scale.name === 'smoke' ? scale.rows : 300_000);
  const workspace = await workerOver(snapshot);
  const questions = scale.name === 'smoke' ? QUESTIONS.slice(0, 6) : QUESTIONS;
  const times = { none: [] as Asked[], required: [] as Asked[] };
  for (const value of ['none', 'required'] as const) {
    const worker = new Chained({ ...workspace, ledger: new Ledger(workspace.ledger.populations) }, snapshot);
    for (const sql of questions) times[value].push(await worker.ask(sql, { secondary: value, differencing: 'warn' }));
  }
  workspace.data?.close();
  workspace.scratch.close();
  const size = Math.ceil(questions.length / 5);
  const withheld = (of: readonly Asked[]): number => of.reduce((sum, each) => sum + (each.withheld ?? 0), 0);
  const refused = (of: readonly Asked[]): number => of.filter((each) => each.withheld === null).length;
  return {
    title: 'questions one after the other',
    columns: ['after tables', 'without ms', 'with ms', 'ratio', 'slowest ms', 'withheld without', 'with', 'refused without', 'with'],
    rows: Array.from({ length: Math.ceil(questions.length / size) }, (_, part) => {
      const [without, required] = [times.none.slice(part * size, (part + 1) * size), times.required.slice(part * size, (part + 1) * size)];
      const [before, after] = [median(without.map(({ wall }) => wall)), median(required.map(({ wall }) => wall))];
      return [part * size, ms(before), ms(after), ratio(after / before), ms(Math.max(...required.map(({ wall }) => wall))), withheld(without), withheld(required), refused(without), refused(required)];
    }),
  };
}
