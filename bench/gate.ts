/**
 * What the gate itself costs: from the operator's text to the SQL that may run (parse, vet, plan, print, parse again).
 *
 * Every query of the corpora in `test/support/corpus`, compiled in one process after a round that warms, against the empty
 * schema of its tables; and texts of 32 KB that mean nothing, each of another kind. Nothing is executed.
 */
import { randomBytes } from 'node:crypto';
import { openPolicy } from '#contract/policy-open.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import type { Manifest } from '#contract/manifest.ts';
import { ScratchEngine } from '#sandbox/engine/scratch-engine.ts';
import { compile } from '#sandbox/sql/compile.ts';
import { columnsOf } from '#src/cli/trial/domain.ts';
import { CLICKS } from '../test/support/corpus/clicks.ts';
import { CORPORA, readQueries, type CorpusName } from '../test/support/corpus/queries.ts';
import { RETAIL } from '../test/support/corpus/retail.ts';
import { TRADE } from '../test/support/corpus/trade.ts';
import { median, metered, ms, quantile, report, type Metered, type Report, type ReportTable } from './measure.ts';
import type { Scale } from './scale.ts';

const SCHEMAS: Readonly<Record<CorpusName, Manifest>> = { trade: TRADE, clicks: CLICKS, retail: RETAIL };
const BYTES = 32 * 1024;

const filled = (piece: string, before = '', after = ''): string => `${before}${piece.repeat(Math.floor((BYTES - before.length - after.length) / piece.length))}${after}`;

/** Each as long as a query may be. */
const NONSENSE: Readonly<Record<string, string>> = {
  'letters': filled('lorem ipsum '),
  'random bytes as text': randomBytes(BYTES / 2).toString('hex'),
  'open brackets': filled('('),
  'closed nesting': filled('(', 'SELECT ', '1'),
  'a sum': filled('1+', 'SELECT ', '1'),
  'columns': filled('a,', 'SELECT ', 'a FROM orders'),
  'conditions': filled(' AND a = 1', 'SELECT a FROM orders WHERE true'),
  'unions': filled(' UNION ALL SELECT 1', 'SELECT 1'),
  'joins': filled(' JOIN orders', 'SELECT 1 FROM orders'),
  'statements': filled('SELECT 1;'),
  'quotes': filled("''"),
  'comments': filled('/* */', 'SELECT 1 '),
  'dollars': filled('$'),
};

export function gate(scale: Scale): Promise<Report> {
  return report(
    'What does the gate cost by itself?',
    `Each query of the corpora compiled ${scale.compiles} times after warming, and ${Object.keys(NONSENSE).length} kinds of 32 KB of nonsense; times in ms.`,
    () => measure(scale),
  );
}

async function measure(scale: Scale): Promise<readonly ReportTable[]> {
  const engine = await ScratchEngine.open(256, []);
  const rows: (string | number)[][] = [];
  const all: Metered[] = [];
  for (const corpus of CORPORA) {
    const queries = readQueries(corpus);
    const times: Metered[] = [];
    for (let round = -1; round < scale.compiles; round++) {
      for (const { sql } of queries) {
        const taken = await metered(() => compileOne(engine, SCHEMAS[corpus], sql));
        if (round >= 0 || scale.compiles === 1) times.push(taken);
      }
    }
    all.push(...times);
    rows.push([corpus, queries.length, ...columns(times)]);
  }
  rows.push(['all', rows.reduce((sum, [, queries]) => sum + Number(queries), 0), ...columns(all)]);
  const nonsense: (string | number)[][] = [];
  for (const [name, text] of Object.entries(NONSENSE)) {
    const times: Metered[] = [];
    for (let i = 0; i < Math.min(5, scale.compiles); i++) times.push(await metered(() => compileOne(engine, TRADE, text)));
    nonsense.push([name, ms(Math.max(...times.map(({ wall }) => wall))), ms(median(times.map(({ cpu }) => cpu)))]);
  }
  engine.close();
  return [
    { title: 'from text to SQL that may run', columns: ['corpus', 'queries', 'p50 ms', 'p99 ms', 'most ms', 'p50 cpu', 'p99 cpu'], rows },
    { title: '32 KB of nonsense, until it is refused', columns: ['kind', 'most ms', 'p50 cpu'], rows: nonsense },
  ];
}

const columns = (times: readonly Metered[]): number[] => {
  const [wall, cpu] = [times.map((each) => each.wall), times.map((each) => each.cpu)];
  return [ms(median(wall)), ms(quantile(wall, 0.99)), ms(Math.max(...wall)), ms(median(cpu)), ms(quantile(cpu, 0.99))];
};

async function compileOne(engine: ScratchEngine, manifest: Manifest, text: string): Promise<void> {
  const policy = openPolicy(manifest.id, [manifest]);
  await compile({
    text, datasets: [{ manifest, snapshot: null, policy, policyDigest: policyDigest(policy) }], columns: columnsOf(manifest),
    limits: { resultCells: 100_000, gates: 50 }, engine: engine.empty,
  });
}
