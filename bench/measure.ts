/** Measuring: medians, quantiles, geometric means, and the tables that a run prints. */
import { loadavg } from 'node:os';

/** One benchmark's answer: readable and as data. */
export interface Report {
  /** The question that it answers. */
  readonly question: string;
  /** What is measured, how, and what ratios are relative to. */
  readonly method: string;
  /** Load of the machine (one minute, as `uptime` has it) before and after: other work on it makes times longer. */
  readonly load: readonly [number, number];
  readonly tables: readonly ReportTable[];
}

export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export async function report(question: string, method: string, measure: () => Promise<readonly ReportTable[]>): Promise<Report> {
  const before = loadavg()[0] ?? 0;
  const tables = await measure();
  return { question, method, load: [before, loadavg()[0] ?? 0], tables };
}

/** @param q 0 … 1; nearest rank */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const geometricMean = (values: readonly number[]): number => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** Milliseconds that the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  return (await metered(work)).wall;
}

/** Milliseconds by the clock, and of all processors in this process: the second hardly depends on what else the machine does. */
export interface Metered {
  readonly wall: number;
  readonly cpu: number;
}

export async function metered(work: () => Promise<unknown>): Promise<Metered> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { wall: performance.now() - began, cpu: (user + system) / 1000 };
}

export const ms = (value: number): number => Math.round(value * 100) / 100;
export const ratio = (value: number): number => Math.round(value * 1000) / 1000;

export function show({ question, method, load, tables }: Report): string {
  const lines = ['', question, method, `load of the machine: ${load[0].toFixed(1)} before, ${load[1].toFixed(1)} after`];
  for (const { title, columns, rows } of tables) lines.push('', title, ...grid([columns, ...rows.map((row) => row.map(String))]));
  return `${lines.join('\n')}\n`;
}

/** Numbers to the right, a rule below the names. */
function grid(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, c) => Math.max(...cells.map((row) => width(row[c] ?? ''))));
  const line = (row: readonly string[]): string => `  ${row.map((cell, c) => pad(cell, widths[c] ?? 0, c > 0 && /^-?[\d.]+%?$/.test(cell))).join('  ')}`.trimEnd();
  const [head = [], ...rows] = cells;
  return [line(head), `  ${widths.map((n) => '─'.repeat(n)).join('  ')}`, ...rows.map(line)];
}

/** Chinese characters take two columns. */
const width = (text: string): number => [...text].reduce((sum, char) => sum + (/[\u2e80-\uffdc]/u.test(char) ? 2 : 1), 0);

const pad = (cell: string, to: number, right: boolean): string => (right ? `${' '.repeat(to - width(cell))}${cell}` : `${cell}${' '.repeat(to - width(cell))}`);
