/**
 * How long a job takes from submit to result, how many the service does, and what memory that needs.
 *
 * A real service with its default settings, and clients in this process over HTTP on the same machine. The job is trivial (a
 * count over a small table), so what is measured is everything but the query. Latency: one client, one job after the other,
 * after a few that warm. Throughput: eight clients at once, warmed as well. A job is over when its result is fetched; the request for it waits until it is there.
 * Memory is read from /proc: resident (shared pages in every process) and proportional (shared pages divided).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { OperatorClient } from './http-client.ts';
import { median, ms, quantile, report, timed, type Report, type ReportTable } from './measure.ts';
import type { Scale } from './scale.ts';
import { withService, type Bench } from './service.ts';

const ROWS = 20_000;
const CLIENTS = 8;
const TRIVIAL = 'SELECT sex, count(*) AS n FROM residents GROUP BY sex';
const LARGER = 'SELECT department, count(*) AS n, avg(cost) AS mean FROM visits GROUP BY department ORDER BY n DESC';

export function jobs(scale: Scale): Promise<Report> {
  return report(
    'How long is a job under way, how many run in a second, what memory does the service need?',
    `A service with default settings over HTTP; ${scale.jobs} trivial jobs one after the other, then ${scale.jobs} of ${CLIENTS} clients at once. Times in ms from submit to fetched result.`,
    () => withService(Math.min(ROWS, scale.rows), (bench) => measure(bench, scale)),
  );
}

async function measure(bench: Bench, scale: Scale): Promise<readonly ReportTable[]> {
  const atRest = memoryOf(bench.pid, false);
  const client = new OperatorClient(bench);
  const first = await client.ask(TRIVIAL);
  const warming = Math.min(20, scale.jobs);
  for (let i = 0; i < warming; i++) await client.ask(i % 2 === 0 ? TRIVIAL : LARGER);
  const latency = async (sql: string): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < scale.jobs; i++) times.push(await client.ask(sql));
    return times;
  };
  const [trivial, larger] = [await latency(TRIVIAL), await latency(LARGER)];
  client.close();
  // Another worker of the grant starts when several jobs run at once; it warms as the first has.
  await atOnce(bench, 4 * warming);
  const before = cpuOf(bench.pid);
  const several = await atOnce(bench, scale.jobs);
  const after = cpuOf(bench.pid);
  const each = (name: 'server' | 'workers'): number => ms((after[name] - before[name]) / several.times.length);
  const busy = memoryOf(bench.pid, true);
  const line = (name: string, times: readonly number[]) => [name, times.length, ms(median(times)), ms(quantile(times, 0.9)), ms(quantile(times, 0.99))];
  return [
    { title: 'from submit to result', columns: ['job', 'jobs', 'p50 ms', 'p90 ms', 'p99 ms'], rows: [['first of a grant', 1, ms(first), '', ''], line('count of a table', trivial), line('average in ten groups', larger), line(`count, ${CLIENTS} clients`, several.times)] },
    { title: `${CLIENTS} clients at once`, columns: ['jobs', 'seconds', 'jobs a second', 'server cpu ms a job', 'worker cpu ms a job'], rows: [[several.times.length, ms(several.seconds), ms(several.times.length / several.seconds), each('server'), each('workers')]] },
    { title: 'memory of processes', columns: ['when', 'process', 'resident MB', 'proportional MB'], rows: [...memoryRows('after the start', atRest), ...memoryRows('after the jobs', busy)] },
  ];
}

async function atOnce(bench: Bench, jobs: number): Promise<{ readonly times: readonly number[]; readonly seconds: number }> {
  const times: number[] = [];
  let left = jobs;
  const work = async (): Promise<void> => {
    const client = new OperatorClient(bench);
    for (; left > 0;) {
      left--;
      times.push(await client.ask(TRIVIAL));
    }
    client.close();
  };
  const taken = await timed(() => Promise.all(Array.from({ length: CLIENTS }, work)));
  return { times, seconds: taken / 1000 };
}

interface ProcessMemory {
  readonly name: string;
  readonly residentMb: number;
  readonly proportionalMb: number;
}

/** Milliseconds of processor time so far: own, and of the processes below that have ended. */
function timesOf(pid: number): { readonly own: number; readonly ended: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    // User and system time, in ticks of 10 ms.
    const ticks = (from: number): number => (Number(fields[from]) + Number(fields[from + 1])) * 10;
    return { own: ticks(11), ended: ticks(13) };
  } catch {
    return { own: 0, ended: 0 };
  }
}

function cpuOf(server: number): { readonly server: number; readonly workers: number } {
  const { own, ended } = timesOf(server);
  const workers = processesBelow(server).filter((pid) => pid !== server).map(timesOf);
  return { server: own, workers: workers.reduce((sum, of) => sum + of.own + of.ended, ended) };
}

function processesBelow(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter((child) => child.trim() !== '').map(Number));
    return [pid, ...children.flatMap(processesBelow)];
  } catch {
    // It has ended.
    return [];
  }
}

/** Milliseconds: a worker that has used more has run jobs. It starts with less, also where no compiled code is kept. */
const START_CPU = 700;

/** The process and all below it that run Node, by what they are. The worker that has used most has run jobs if any have run. */
function memoryOf(pid: number, jobsHaveRun: boolean): readonly ProcessMemory[] {
  // The service starts the worker that checks before any other.
  const [check, ...others] = processesBelow(pid).filter((one) => one !== pid && isWorker(one)).sort((a, b) => a - b);
  const used = new Map(others.map((one) => [one, timesOf(one).own]));
  const most = Math.max(...used.values());
  const ranJobs = (one: number): boolean => (used.get(one) ?? 0) > START_CPU || (jobsHaveRun && used.get(one) === most);
  const named: [number, string][] = [
    [pid, 'server'], ...(check === undefined ? [] : [[check, 'worker that checks'] as [number, string]]),
    ...others.map((one): [number, string] => [one, ranJobs(one) ? 'worker of the grant' : 'spare worker']),
  ];
  return named.flatMap(([one, name]): ProcessMemory[] => {
    try {
      return [{ name, ...sizes(one) }];
    } catch {
      // It has ended.
      return [];
    }
  });
}

/** The shell has become bubblewrap, which waits beside the worker. */
function isWorker(pid: number): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return command[0]?.endsWith('node') === true && command.some((part) => part.endsWith('worker.ts'));
  } catch {
    return false;
  }
}

function sizes(pid: number): Pick<ProcessMemory, 'residentMb' | 'proportionalMb'> {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
  return { residentMb: mb('Rss'), proportionalMb: mb('Pss') };
}

const memoryRows = (when: string, processes: readonly ProcessMemory[]) => processes.map(({ name, residentMb, proportionalMb }) => [when, name, ms(residentMb), ms(proportionalMb)]);
