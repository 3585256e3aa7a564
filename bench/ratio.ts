/**
 * What protection costs: the same questions raw on DuckDB and through gate and release, as ratios.
 *
 * Both read the same DuckDB files with the same number of threads, in one process, in turn; the median of several rounds counts.
 * `raw`: prepare, execute and read the question on the stored tables. `gate`: all that a worker does for a job: execute, release,
 * rest, digest; the first time it is asked also parse, vet, plan and print, since a worker keeps the plans of the last questions.
 * A policy and a declaration together make a path: how many rows of a unit there may be is either declared (visits: at most
 * 40) or, for comparison, not.
 */
import { randomBytes } from 'node:crypto';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { digestOf } from '#contract/canonical.ts';
import { JobId, newId } from '#contract/id.ts';
import type { SqlJob } from '#contract/job.ts';
import type { Manifest } from '#contract/manifest.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { Policy } from '#contract/policy.ts';
import { quoteIdentifier, quoteText } from '#sandbox/engine/identifier.ts';
import { runSql } from '#sandbox/jobs/sql.ts';
import { Lru } from '#sandbox/lru.ts';
import { openWorkspace, type Workspace } from '#sandbox/workspace.ts';
import { limitsOf } from '#src/jobs/pins.ts';
import { columnsOf } from '#src/cli/trial/domain.ts';
import { benchSnapshot, type BenchData, type BenchSnapshot } from './data.ts';
import { geometricMean, median, metered, ms, ratio, report, type Metered, type Report, type ReportTable } from './measure.ts';
import type { Scale } from './scale.ts';

const MEMORY_MB = 4096;
const THREADS = 2;

interface Question {
  readonly name: string;
  readonly sql: string;
}

const QUESTIONS = {
  persons: [
    { name: 'count', sql: 'SELECT count(*) AS n FROM residents' },
    { name: 'count by sex, education', sql: 'SELECT sex, education, count(*) AS n FROM residents GROUP BY sex, education' },
    { name: 'income by district', sql: 'SELECT district, count(*) AS n, sum(income) AS total, avg(income) AS mean FROM residents GROUP BY district' },
    { name: 'income by street', sql: 'SELECT street, count(*) AS n, avg(income) AS mean FROM residents GROUP BY street' },
    { name: 'three dimensions, filter', sql: "SELECT district, occupation, insurance, count(*) AS n, sum(income) AS total FROM residents WHERE birth_year >= 1970 AND sex = '女' GROUP BY ALL" },
    { name: 'HAVING, ORDER, LIMIT', sql: 'SELECT occupation, education, avg(income) AS mean FROM residents GROUP BY ALL HAVING count(*) > 1000 ORDER BY mean DESC LIMIT 10' },
  ],
  visits: [
    { name: 'count, cost', sql: 'SELECT count(*) AS n, sum(cost) AS total FROM visits' },
    { name: 'count by department', sql: 'SELECT department, count(*) AS n FROM visits GROUP BY department' },
    { name: 'cost by department', sql: 'SELECT department, count(*) AS n, sum(cost) AS total, avg(self_paid) AS own FROM visits GROUP BY department' },
    { name: 'district, department', sql: 'SELECT district, department, count(*) AS n, avg(cost) AS mean FROM visits GROUP BY district, department' },
    { name: 'by month', sql: "SELECT date_trunc('month', visited_at) AS month, count(*) AS n, sum(cost) AS total FROM visits GROUP BY ALL" },
    { name: 'filter', sql: "SELECT district, sum(cost) AS total FROM visits WHERE department = '急诊科' GROUP BY district ORDER BY total DESC" },
    { name: 'join on the unit', sql: 'SELECT r.education, r.sex, count(*) AS n, avg(v.cost) AS mean FROM visits v JOIN residents r ON v.person_id = r.person_id GROUP BY ALL' },
  ],
} as const satisfies Record<BenchData, readonly Question[]>;

const THRESHOLD = { units: { person: { min: 10 } } };
const DOMINANCE = { ...THRESHOLD, dominance: [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 85 }] };

interface Path {
  readonly name: string;
  readonly data: BenchData;
  /** Null: the policy `open`. */
  readonly statistics: Record<string, unknown> | null;
  /** Whether it is declared how many rows a unit may have. */
  readonly declared: boolean;
}

const PATHS: readonly Path[] = [
  { name: 'one row per unit, open', data: 'persons', statistics: null, declared: true },
  { name: 'one row per unit, threshold', data: 'persons', statistics: THRESHOLD, declared: true },
  { name: 'one row per unit, threshold and dominance', data: 'persons', statistics: DOMINANCE, declared: true },
  { name: 'one row per unit, cell key', data: 'persons', statistics: { ...THRESHOLD, mechanism: { kind: 'cell-key', variance: '2', maxDeviation: 5, js: 2 } }, declared: true },
  { name: 'many rows per unit, open', data: 'visits', statistics: null, declared: true },
  { name: 'many rows per unit, certified, threshold', data: 'visits', statistics: THRESHOLD, declared: true },
  { name: 'many rows per unit, certified, threshold and dominance', data: 'visits', statistics: DOMINANCE, declared: true },
  { name: 'many rows per unit, counted, threshold', data: 'visits', statistics: THRESHOLD, declared: false },
  { name: 'many rows per unit, counted, threshold and dominance', data: 'visits', statistics: DOMINANCE, declared: false },
];

export function ratios(scale: Scale): Promise<Report> {
  return report(
    `What does protection cost over plain DuckDB? (${scale.rows.toLocaleString('en')} rows)`,
    `Median of ${scale.rounds} rounds of the same question raw and through gate and release, in turn, same files, ${THREADS} threads; ratio = gate / raw, by the clock and in processor time.`,
    async () => [...await tablesOf('persons', scale), ...await tablesOf('visits', scale)],
  );
}

async function tablesOf(data: BenchData, scale: Scale): Promise<readonly ReportTable[]> {
  const snapshot = await benchSnapshot(data, scale.rows);
  const raw = await openRaw(snapshot);
  const workspace = await openWorkspace({
    kind: 'setup', keys: snapshot.keys, snapshots: [{ dataset: snapshot.manifest.id, snapshot: snapshot.snapshot, directory: snapshot.directory }],
    verify: false, snapshotStore: null, memoryMb: MEMORY_MB, threads: THREADS,
  }, randomBytes);
  const details: (string | number)[][] = [];
  const summary: (string | number)[][] = [];
  for (const path of PATHS.filter((each) => each.data === data)) {
    const rows: (Compared & { readonly question: Question })[] = [];
    for (const question of QUESTIONS[data]) rows.push({ question, ...await compare(raw, workspace, path, snapshot, question, scale.rounds) });
    for (const { question, raw: plain, gate, anew } of rows) details.push([path.name, question.name, ms(plain.wall), ms(gate.wall), ratio(gate.wall / plain.wall), ms(plain.cpu), ms(gate.cpu), ratio(gate.cpu / plain.cpu), ms(anew.cpu - gate.cpu)]);
    const mean = (of: keyof Metered, asked: 'gate' | 'anew' = 'gate'): number => ratio(geometricMean(rows.map((row) => row[asked][of] / row.raw[of])));
    const more = (of: keyof Metered): number => ms(median(rows.map(({ raw: plain, gate }) => gate[of] - plain[of])));
    summary.push([path.name, mean('wall'), mean('cpu'), more('wall'), more('cpu'), mean('cpu', 'anew')]);
  }
  raw.closeSync();
  workspace.data?.close();
  workspace.scratch.close();
  return [
    { title: `${data}: by question`, columns: ['path', 'question', 'raw ms', 'gate ms', 'ratio', 'raw cpu', 'gate cpu', 'ratio', 'first time, more cpu'], rows: details },
    { title: `${data}: by path`, columns: ['path', 'ratio, geometric mean', 'of cpu', 'more ms (median)', 'cpu', 'of cpu, first time'], rows: summary },
  ];
}

interface Compared {
  readonly raw: Metered;
  /** Through a worker that was asked the same before, so that it has the plan. */
  readonly gate: Metered;
  /** … that was not. */
  readonly anew: Metered;
}

async function compare(raw: DuckDBConnection, workspace: Workspace, path: Path, snapshot: BenchSnapshot, { sql }: Question, rounds: number): Promise<Compared> {
  const spec = jobOf(path, snapshot, sql);
  // What a worker has open may be more than the job says of it: here the declaration is left out for comparison.
  const opened = (): Workspace => ({ ...workspace, plans: new Lru(1), manifests: new Map(spec.datasets.map(({ manifest }) => [manifest.id, digestOf(manifest)])) });
  const ask = (worker: Workspace): Promise<Metered> => metered(async () => {
    const answer = await runSql(spec, worker);
    if (answer.kind !== 'released') throw new Error(`${path.name}: ${sql}: ${JSON.stringify(answer)}`);
  });
  const known = opened();
  const times = { raw: [] as Metered[], gate: [] as Metered[], anew: [] as Metered[] };
  for (let round = -1; round < rounds; round++) {
    const plain = await metered(() => askRaw(raw, sql));
    const gate = await ask(known);
    const anew = await ask(opened());
    // The first round only warms.
    if (round >= 0 || rounds === 1) {
      times.raw.push(plain);
      times.gate.push(gate);
      times.anew.push(anew);
    }
  }
  return { raw: middle(times.raw), gate: middle(times.gate), anew: middle(times.anew) };
}

const middle = (times: readonly Metered[]): Metered => ({ wall: median(times.map(({ wall }) => wall)), cpu: median(times.map(({ cpu }) => cpu)) });

/** The stored tables under the names that the question uses. */
async function openRaw({ manifest, directory }: BenchSnapshot): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(THREADS), memory_limit: `${MEMORY_MB}MiB` });
  const connection = await instance.connect();
  for (const table of Object.keys(manifest.tables)) {
    const name = quoteIdentifier(`${manifest.id}.${table}`);
    await connection.run(`ATTACH ${quoteText(`${directory}/${table}.duckdb`)} AS ${name} (READ_ONLY)`);
    await connection.run(`CREATE TEMP VIEW ${quoteIdentifier(table)} AS SELECT *, __unit_person AS person_id FROM ${name}.rows`);
  }
  return connection;
}

async function askRaw(connection: DuckDBConnection, sql: string): Promise<void> {
  const prepared = await connection.prepare(sql);
  await (await prepared.runAndReadAll()).getRowsJS();
  prepared.destroySync();
}

function jobOf({ statistics, declared }: Path, { manifest, snapshot }: BenchSnapshot, sql: string): SqlJob {
  const known = declared ? manifest : undeclared(manifest);
  const policy = statistics === null ? openPolicy(manifest.id, [manifest]) : Policy.parse({
    policy: 'bench', version: 1, dataset: manifest.id,
    statistics: { mechanism: { kind: 'suppress' }, dimensions: 'any', measures: 'any', joins: 'any', ...statistics },
  });
  return {
    kind: 'sql', job: JobId.parse(newId('job', randomBytes)), sql, datasets: [{ manifest: known, snapshot, policy, policyDigest: policyDigest(policy) }],
    columns: columnsOf(known), limits: limitsOf([policy]), ledgerHead: null, withdrawals: null, evidence: false,
  };
}

function undeclared(manifest: Manifest): Manifest {
  return { ...manifest, tables: Object.fromEntries(Object.entries(manifest.tables).map(([name, { maxRowsPerUnit: _, ...table }]) => [name, table])) };
}
