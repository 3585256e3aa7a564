/**
 * A perturbation table in the integer form of the Office for National Statistics: noise for each pcv and each of 256 keys. pcv is the count up
 * to 750; beyond that the last 250 lines repeat: (n − 1) mod 250 + 501. Counts of 0 stay 0.
 *
 * Source: ONSdigital/cell-key-perturbation (MIT), `ptable_10_5_rule.csv`.
 */
import { z } from 'zod';
import { LEAST_VARIANCE, MOST_DEVIATION } from './noise-parameters.ts';
import type { NoiseSize, Spread } from './noise-size.ts';
import { err, ok, type Result } from './result.ts';
import { text, type Text } from './text.ts';

export const ONS_KEYS = 256;
export const ONS_COUNTS = 750;
/** The first pcv of those that repeat. */
export const FIRST_REPEATING = 501;

/** Noise of pcv 1 … 750 and key 0 … 255, at (pcv − 1)·256 + key. */
export type OnsNoise = Int8Array;

const ENTRIES = ONS_COUNTS * ONS_KEYS;

/** The document that a table is kept as and known by: its digest is that of its RFC 8785 form. `noise`: base64 of `OnsNoise`, one byte each (two's complement). */
export const OnsTable = z.strictObject({ form: z.literal('ons'), noise: z.string().length(ENTRIES / 3 * 4).regex(/^[A-Za-z0-9+/]*$/) });
export type OnsTable = z.infer<typeof OnsTable>;

export function packOns(noise: OnsNoise): OnsTable {
  let bytes = '';
  for (const value of noise) bytes += String.fromCharCode(value & 0xff);
  return { form: 'ons', noise: btoa(bytes) };
}

/** Fails with what a table may not have, as `checkOns` does: whoever uses one does not rely on whoever loaded it. */
export function unpackOns({ noise: packed }: OnsTable): Result<OnsNoise, readonly OnsProblem[]> {
  const noise = Int8Array.from(atob(packed), (byte) => byte.charCodeAt(0));
  const problems = noise.length === ENTRIES ? checkOns(noise) : [{ line: null, message: incomplete(ENTRIES - noise.length, '') }];
  return problems.length === 0 ? ok(noise) : err(problems);
}

/** `line`: of the file, the header is line 1; null where it is about the whole. */
export interface OnsProblem {
  readonly line: number | null;
  readonly message: Text;
}

/** Characters of a file: no table has as many. */
export const MAX_ONS_LENGTH = 4_000_000;
const MAX_PROBLEMS = 20;

const HEADER = 'pcv,ckey,pvalue';

/**
 * @param csv header `pcv,ckey,pvalue`, then every combination of pcv 1 … 750 and key 0 … 255 once, in any order, whole numbers
 * Fails with at most 20 problems, the first of the file first.
 */
export function readOnsCsv(csv: string): Result<OnsNoise, readonly OnsProblem[]> {
  if (csv.length > MAX_ONS_LENGTH) return refused(null, `The file has more than ${MAX_ONS_LENGTH} characters; a table of ${ENTRIES} lines has fewer.`, `文件超过 ${MAX_ONS_LENGTH} 个字符；${ENTRIES} 行的扰动表不会这么长。`);
  const start = csv.startsWith('\uFEFF') ? 1 : 0;
  const lines = new Lines(csv, start);
  if (lines.next()?.replaceAll('"', '').replaceAll(' ', '') !== HEADER) return refused(1, `The header must be ${HEADER}.`, `表头须为 ${HEADER}。`);

  const noise = new Int8Array(ENTRIES);
  const seen = new Uint8Array(ENTRIES);
  const problems: OnsProblem[] = [];
  let found = 0;
  for (let line = lines.next(); line !== null && problems.length < MAX_PROBLEMS; line = lines.next()) {
    if (line === '') continue;
    const read = readLine(line);
    if (!read.ok) {
      problems.push({ line: lines.number, message: read.error });
      continue;
    }
    const { pcv, key, value } = read.value;
    const index = (pcv - 1) * ONS_KEYS + key;
    if (seen[index] === 1) problems.push({ line: lines.number, message: text(`pcv ${pcv} with ckey ${key} was given already; every combination stands once.`, `pcv ${pcv} 与 ckey ${key} 的组合已出现过；每种组合只能出现一次。`) });
    else found++;
    seen[index] = 1;
    noise[index] = value;
  }
  if (problems.length === 0 && found < ENTRIES) {
    const first = seen.indexOf(0);
    problems.push({ line: null, message: incomplete(ENTRIES - found, `pcv ${Math.floor(first / ONS_KEYS) + 1}, ckey ${first % ONS_KEYS}`) });
  }
  if (problems.length === 0) problems.push(...checkOns(noise));
  return problems.length === 0 ? ok(noise) : err(problems);
}

/** The lines in order: by pcv, then by key. */
export function writeOnsCsv(noise: OnsNoise): string {
  return `${HEADER}\n${Array.from(noise, (value, index) => `${Math.floor(index / ONS_KEYS) + 1},${index % ONS_KEYS},${value}\n`).join('')}`;
}

/** Without a copy of the file for each of its lines at once. Ends at LF; a CR before it, and spaces at either end, are no part of a line. */
class Lines {
  readonly #csv: string;
  #at: number;
  number = 0;

  constructor(csv: string, at: number) {
    this.#csv = csv;
    this.#at = at;
  }

  next(): string | null {
    if (this.#at >= this.#csv.length) return null;
    const found = this.#csv.indexOf('\n', this.#at);
    const end = found < 0 ? this.#csv.length : found;
    // A file without line ends is not copied and searched as one line.
    const line = end - this.#at > MAX_LINE ? TOO_LONG : this.#csv.slice(this.#at, end).trim();
    this.#at = end + 1;
    this.number++;
    return line;
  }
}

/** More characters than any line of a table has. */
const MAX_LINE = 64;
const TOO_LONG = '…';

interface Entry { readonly pcv: number; readonly key: number; readonly value: number }

/** Contents are not quoted: the sentence says what belongs there. */
function readLine(line: string): Result<Entry, Text> {
  const match = /^(\d{1,9}),(\d{1,9}),(-?\d{1,9})$/.exec(line);
  if (match === null) return err(text('is not three whole numbers with commas between them: pcv, ckey, pvalue.', '不是以逗号分隔的三个整数（pcv、ckey、pvalue）。'));
  const [pcv, key, value] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (pcv === 0) return err(text('pcv 0: an empty cell has no noise, so that its lines are left out.', 'pcv 为 0：空单元格不加噪声，不应列出。'));
  if (pcv > ONS_COUNTS) return err(text(`pcv must be 1 to ${ONS_COUNTS}; larger counts use the last ${ONS_COUNTS - FIRST_REPEATING + 1} again.`, `pcv 须为 1 至 ${ONS_COUNTS}；更大的计数重复使用最后 ${ONS_COUNTS - FIRST_REPEATING + 1} 个。`));
  if (key >= ONS_KEYS) return err(text(`ckey must be 0 to ${ONS_KEYS - 1}.`, `ckey 须为 0 至 ${ONS_KEYS - 1}。`));
  if (value < -pcv) return err(text(`pvalue ${value} would make a count of ${pcv} negative; at least ${-pcv}.`, `pvalue 为 ${value} 会使计数 ${pcv} 变为负数；不得小于 ${-pcv}。`));
  if (Math.abs(value) > MOST_DEVIATION) return err(text(`pvalue ${value} is beyond the largest deviation allowed, ${MOST_DEVIATION} to either side.`, `pvalue 为 ${value}，超出允许的最大偏差（±${MOST_DEVIATION}）。`));
  return ok({ pcv, key, value });
}

/** Counts that single out people: a table that leaves them as they are hides nobody. */
const SMALL = 10;

/** What a complete table may not have: deviations beyond the bound, counts below 0, no noise where it matters. */
function checkOns(noise: OnsNoise): readonly OnsProblem[] {
  const problems: OnsProblem[] = [];
  const wrong = noise.findIndex((value, index) => value < -(Math.floor(index / ONS_KEYS) + 1) || Math.abs(value) > MOST_DEVIATION);
  if (wrong >= 0) problems.push({ line: null, message: text(`pcv ${Math.floor(wrong / ONS_KEYS) + 1} has a deviation that is not allowed.`, `pcv ${Math.floor(wrong / ONS_KEYS) + 1} 含不允许的偏差。`) });
  for (const [first, last] of [[1, SMALL], [FIRST_REPEATING, ONS_COUNTS]] as const) {
    const variance = meanSquare(noise.subarray((first - 1) * ONS_KEYS, last * ONS_KEYS));
    if (variance >= LEAST_VARIANCE) continue;
    problems.push({ line: null, message: text(
      `Counts of ${first} to ${last} have as good as no noise: its mean square is ${Number(variance.toPrecision(3))} and must be at least ${LEAST_VARIANCE}.`,
      `计数 ${first} 至 ${last} 几乎没有噪声：均方值为 ${Number(variance.toPrecision(3))}，不得小于 ${LEAST_VARIANCE}。`,
    ) });
  }
  return problems;
}

/** Of one count. */
export interface OnsLine {
  readonly pcv: number;
  readonly mean: number;
  /** About the mean. */
  readonly variance: number;
  readonly maxDeviation: number;
}

/** What each line does to its count, by pcv. */
export function onsLines(noise: OnsNoise): readonly OnsLine[] {
  return rowsOf(noise).map((row, i) => {
    const mean = meanOf(row);
    return { pcv: i + 1, mean, variance: meanSquare(row) - mean ** 2, maxDeviation: largestOf(row) };
  });
}

/** How many counts have the same noise whatever the key: for these the table protects as rounding does, and no better. */
export function fixedLines(noise: OnsNoise): number {
  return rowsOf(noise).filter((row) => row.every((value) => value === row[0])).length;
}

/**
 * Of counts whose noise is no larger than that of the lines that repeat. Their variance is over counts and keys together: a single line
 * may have a mean other than 0, as where the table rounds.
 */
export function onsSize(noise: OnsNoise): NoiseSize {
  const rows = rowsOf(noise);
  const repeating = rows.slice(FIRST_REPEATING - 1);
  const maxDeviation = Math.max(...repeating.map(largestOf));
  const from = rows.findLastIndex((row) => largestOf(row) > maxDeviation) + 2;
  const [below, above] = [rows.slice(0, from - 1), rows.slice(from - 1)];
  return {
    from,
    variance: repeating.reduce((sum, row) => sum + meanSquare(row), 0) / repeating.length,
    maxDeviation,
    bias: biasOf(above),
    below: below.length === 0 ? null : { variance: Math.max(...below.map(meanSquare)), maxDeviation: Math.max(...below.map(largestOf)), bias: biasOf(below) } satisfies Spread,
  };
}

const rowsOf = (noise: OnsNoise): readonly OnsNoise[] => Array.from({ length: ONS_COUNTS }, (_, i) => noise.subarray(i * ONS_KEYS, (i + 1) * ONS_KEYS));
const meanOf = (row: OnsNoise): number => row.reduce((sum, value) => sum + value, 0) / row.length;
const meanSquare = (row: OnsNoise): number => row.reduce((sum, value) => sum + value * value, 0) / row.length;
const largestOf = (row: OnsNoise): number => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const biasOf = (rows: readonly OnsNoise[]): number => Math.max(...rows.map((row) => Math.abs(meanOf(row))));

const incomplete = (missing: number, first: string): Text => text(
  `Of the ${ENTRIES} combinations of pcv 1 to ${ONS_COUNTS} and ckey 0 to ${ONS_KEYS - 1}, ${missing} are missing${first === '' ? '' : `; the first is ${first}`}.`,
  `pcv 1 至 ${ONS_COUNTS} 与 ckey 0 至 ${ONS_KEYS - 1} 共 ${ENTRIES} 种组合，缺少 ${missing} 种${first === '' ? '' : `，首个为 ${first}`}。`,
);

const refused = (line: number | null, en: string, zh: string) => err([{ line, message: text(en, zh) }]);
