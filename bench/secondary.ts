/** What does it cost to choose what else to hide, in one job and against all that left before? */
import { Ledger } from '#sandbox/ledger/ledger.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import { isWitness, usesOf, type Equation, type Problem, type ProblemCell } from '#sandbox/sdc/secondary/problem.ts';
import { protect } from '#sandbox/sdc/secondary/protect.ts';
import { Chained, workerOver } from './chained.ts';
import { benchSnapshot } from './data.ts';
import { median, ms, ratio, report, type Metered, type Report, type ReportTable } from './measure.ts';
import type { Scale } from './scale.ts';

const MIN = 10n;

export const secondary = (scale: Scale): Promise<Report> => report(
  'What does it cost to choose what else to hide?',
  'Tables with all margins, cells exponentially distributed around a mean, a minimum of 10; the aims: 1,000 × 100 in under 10 s, 50 × 50 in under 2 s, each hidden cell proved by a second table. `no fewer than`: further cells that any pattern has to hide. Then questions over 300,000 persons one after the other, without secondary suppression and with it against the same history.',
  async () => [await tables(scale), await growing(scale)],
);

async function tables(scale: Scale): Promise<ReportTable> {
  const solver = await loadSolver();
  const shapes = scale.name === 'smoke' ? [[20, 10]] as const : [[50, 50], [1000, 100]] as const;
  return {
    title: 'one table with its margins',
    columns: ['rows', 'columns', 'mean', 'failing', 'further hidden', 'no fewer than', 'ms', 'proofs ms'],
    rows: shapes.flatMap(([rows, columns]) => [60, 600, 3000].map((mean) => table(rows, columns, mean, solver))),
  };
}

function table(rows: number, columns: number, mean: number, solver: LinearSolver): readonly number[] {
  const problem = problemOf(rows, columns, mean);
  const failing = problem.cells.filter(({ width }) => width > 0n).length;
  const began = performance.now();
  const { secondary: further, atLeast, witnesses } = protect(problem, solver);
  const took = performance.now() - began;
  const uses = usesOf(problem);
  const isHidden = (cell: number): boolean => further.has(cell) || problem.cells[cell]?.state === 'hidden';
  for (const [cell, list] of witnesses) if (!list.every((witness) => isWitness(problem, uses, isHidden, cell, witness))) throw new Error('a proof that proves nothing');
  return [rows, columns, mean, failing, further.size, atLeast, ms(took), ms(performance.now() - began - took)];
}

/** Cells, then the margins of rows, of columns, and the total of all. */
export function problemOf(rows: number, columns: number, mean: number): Problem {
  let state = 7;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff) / 0x7fff_ffff;
  const inside = Array.from({ length: rows * columns }, () => BigInt(Math.floor(-mean * Math.log(random() + 1e-9))));
  const at = (row: number, column: number): number => row * columns + column;
  const lines = [
    ...Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (__, c) => at(r, c))),
    ...Array.from({ length: columns }, (_, c) => Array.from({ length: rows }, (__, r) => at(r, c))),
  ];
  const sum = (cells: readonly number[], of: readonly bigint[]): bigint => cells.reduce((all, cell) => all + (of[cell] ?? 0n), 0n);
  const margins = lines.map((cells) => sum(cells, inside));
  const whole = inside.length + margins.length;
  const equations = lines.map((cells, l): Equation => [[inside.length + l, 1], ...cells.map((cell): [number, -1] => [cell, -1])]);
  const totals = [[0, rows], [rows, rows + columns]].map(([from = 0, to = 0]): Equation => [[whole, 1], ...Array.from({ length: to - from }, (_, l): [number, -1] => [inside.length + from + l, -1])]);
  const all = [...inside, ...margins, margins.slice(0, rows).reduce((a, b) => a + b, 0n)];
  return {
    cells: all.map((value, i): ProblemCell => ({ value, state: value < MIN ? 'hidden' : 'open', width: value < MIN ? MIN : 0n, owner: value === 1n ? i : null, margin: i >= inside.length, cells: 1, low: 0n, high: null })),
    equations: [...equations, ...totals],
  };
}

const KEYS = ['district', 'sex', 'education', 'occupation', 'insurance'];
const FILTERS = [null, "sex = '女'", 'birth_year >= 1990', "birth_year < 1960 AND sex = '男'", 'birth_year >= 2005'];

/** Every pair of keys under every filter: fine tables whose small cells hang together with everything that comes after. */
const QUESTIONS = FILTERS.flatMap((where) => KEYS.flatMap((a, i) => [[a], ...KEYS.slice(i + 1).map((b) => [a, b])])
  .map((keys) => `SELECT ${keys.join(', ')}, count(*) AS n FROM residents${where === null ? '' : ` WHERE ${where}`} GROUP BY ALL`));

async function growing(scale: Scale): Promise<ReportTable> {
  const snapshot = await benchSnapshot('persons', scale.name === 'smoke' ? scale.rows : 300_000);
  const workspace = await workerOver(snapshot);
  const questions = scale.name === 'smoke' ? QUESTIONS.slice(0, 6) : QUESTIONS;
  const times = { none: [] as (Metered & { readonly withheld: number })[], required: [] as (Metered & { readonly withheld: number })[] };
  for (const value of ['none', 'required'] as const) {
    const worker = new Chained({ ...workspace, ledger: new Ledger(workspace.ledger.populations) }, snapshot);
    for (const sql of questions) times[value].push(await worker.ask(sql, { secondary: value, differencing: 'warn' }));
  }
  workspace.data?.close();
  workspace.scratch.close();
  const size = Math.ceil(questions.length / 5);
  const withheld = (of: readonly { readonly withheld: number }[]): number => of.reduce((sum, each) => sum + each.withheld, 0);
  return {
    title: 'questions one after the other',
    columns: ['after tables', 'without ms', 'with ms', 'ratio', 'slowest ms', 'withheld without', 'with'],
    rows: Array.from({ length: Math.ceil(questions.length / size) }, (_, part) => {
      const [without, required] = [times.none.slice(part * size, (part + 1) * size), times.required.slice(part * size, (part + 1) * size)];
      const [before, after] = [median(without.map(({ wall }) => wall)), median(required.map(({ wall }) => wall))];
      return [part * size, ms(before), ms(after), ratio(after / before), ms(Math.max(...required.map(({ wall }) => wall))), withheld(without), withheld(required)];
    }),
  };
}
