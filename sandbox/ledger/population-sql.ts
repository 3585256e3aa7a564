/**
 * The ledger's own questions to the data engine, as text around the population queries of the gate (`sql/plan/population.ts`),
 * which are printed and certified there. Nothing here comes from an operator but keys that the engine itself returned.
 *
 * A unit's hash depends on its pseudonym (keyed, uniform) and on what it contributes; only arithmetic that every version of
 * the engine does alike is used, because fingerprints are kept for years.
 */
import type { SelectParts } from '../sql/print.ts';
import type { Face } from './face.ts';
import { FEW, SMALLEST } from './smallest.ts';

/** A population query with the names of its columns. */
export interface PopulationSql {
  /** Columns k0 …, u, r, n<measure>, s<measure>. */
  readonly sql: string;
  readonly keys: number;
  /** The same in parts, where each unit has one row. */
  readonly flat: SelectParts | null;
}

/** A population as one SELECT of rows as they are. */
function selectOf({ from, where, columns }: SelectParts): string {
  return `SELECT ${comma(Object.entries(columns).map(([alias, expr]) => `${expr} AS "${alias}"`))} FROM ${from}${where === null ? '' : ` WHERE ${where}`}`;
}

const list = (count: number, of: (i: number) => string): readonly string[] => Array.from({ length: count }, (_, i) => of(i));
const comma = (parts: readonly string[]): string => parts.join(', ');

/** The keys of a group as one text. */
function keyText(keys: number, name: (i: number) => string = (i) => `k${i}`): string {
  return keys === 0 ? "'[]'" : `CAST(to_json([${comma(list(keys, (i) => `CAST(${name(i)} AS VARCHAR)`))}]) AS VARCHAR)`;
}

/** Of a population with one key more, the rows with these key texts, by the others. */
export function withKeys({ sql, keys }: PopulationSql, texts: readonly string[]): PopulationSql {
  const known = texts.length === 0 ? 'FALSE' : `${keyText(keys + 1)} IN (${comma(texts.map(text))})`;
  return { sql: `SELECT * EXCLUDE (k${keys}) FROM (${sql}) w WHERE ${known}`, keys, flat: null };
}

const contributes = ({ measure }: Face): string => `n${measure} > 0`;

/** Groups are told apart by as many conditions at most: more faces take more queries (`facesAtOnce`). */
const CONDITIONS = 3;

/** Faces that one query is about. */
export function facesAtOnce(faces: readonly Face[]): readonly (readonly Face[])[] {
  const parts: Face[][] = [];
  for (const face of faces) {
    const last = parts.at(-1);
    if (last !== undefined && new Set([...last, face].map(({ measure }) => measure)).size <= CONDITIONS) last.push(face);
    else parts.push([face]);
  }
  return parts;
}

/**
 * One row for each group: `k0` …, its key text, how often one unit counts at most, then for each face the number of units, the fingerprint, of few units the smallest hashes (as text,
 * with commas), and eight words of 64 bits of the sketch. Units are added up by group and word of the sketch first: groups are few beside them.
 *
 * A unit is hashed with what it contributes: a number of rows, a sum of values. Who counts once is hashed as who adds one, so that all
 * numbers about the same kind of unit can be compared, however they were asked for. Units are known by their record keys, which are a quarter
 * of the pseudonym's size to read; those with the same one (32 bits) are taken for one: of two populations that differ in nothing
 * else the earlier number is given.
 */
export function populationsSql({ sql, keys, flat }: PopulationSql, faces: readonly Face[]): string {
  const names = list(keys, (i) => `k${i}`);
  const always = ({ measure }: Face): boolean => flat?.columns[`n${measure}`] === ONE_ROW;
  // What a unit with one row, or counted once, adds is the same whatever the measure.
  const hashOf = ({ measure, face }: Face): string => (face === 'total' ? `s${measure}` : face === 'units' || flat !== null ? 'one' : `n${measure}`);
  const hashes = [...new Set(faces.map(hashOf))];
  const conditions = [...new Set(faces.filter((face) => !always(face)).map(({ measure }) => measure))];
  const measures = [...new Set(faces.map(({ measure }) => measure))];
  const sums = [...new Set(faces.filter(({ face }) => face === 'total').map(({ measure }) => measure))];
  const times = flat !== null ? [] : [...measures.map((m) => `n${m}`), ...sums.map((m) => `m${m}`)];
  const keyed = `SELECT ${comma([
    ...names, 'CAST(r AS UBIGINT) * 2654435761 AS a', ...measures.map((m) => `n${m}`), ...(times.length === 0 ? [] : [`greatest(${comma(times)}) AS t`]),
    ...sums.map((m) => `${beyondOne(asNumber(`s${m}`))} AS s${m}`),
  ])} FROM (${sql}) p`;
  const hash = (name: string): string => {
    if (name === 'one') return 'a';
    const m = name.slice(1);
    return `xor(a, CAST(${mixed(name.startsWith('n') ? beyondOne(rowsAsNumber(`n${m}`)) : `s${m}`)} AS UBIGINT) * ((a >> 33) | 1))`;
  };
  const hashed = `SELECT ${comma([...names, 'a', ...conditions.map((m) => `n${m} > 0 AS g${m}`), ...hashes.map((name) => `${hash(name)} AS h_${name}`), ...(times.length === 0 ? [] : ['t'])])} FROM (${keyed}) q`;
  const [word, bucket] = ['(a >> 45) & 7', '((a >> 40) & 31)'];
  const perWord = `SELECT ${comma([
    ...names, ...conditions.map((m) => `g${m}`), `${word} AS w`, 'count(*) AS c',
    `min(a & 4294967295, ${SMALLEST}) AS f`, ...(times.length === 0 ? [] : ['max(t) AS t']),
    ...hashes.flatMap((name) => [`bit_xor(h_${name}) AS x_${name}`, `bit_xor(((h_${name} >> 33) & 3) << (${bucket} * 2)) AS v_${name}`]),
  ])} FROM (${hashed}) t GROUP BY ${comma([...names, ...conditions.map((m) => `g${m}`), word])}`;
  const columns = faces.flatMap((face) => {
    const own = always(face) ? [] : [`g${face.measure}`];
    const filter = (...parts: readonly string[]): string => ([...own, ...parts].length === 0 ? '' : ` FILTER (WHERE ${[...own, ...parts].join(' AND ')})`);
    const name = hashOf(face);
    const smallest = `list_sort(flatten(list(f)${filter()}))[1:${SMALLEST}]`;
    return [`CAST(coalesce(sum(c)${filter()}, 0) AS BIGINT)`, `bit_xor(x_${name})${filter()}`, `CASE WHEN sum(c)${filter()} <= ${FEW} THEN array_to_string(${smallest}, ',') END`, ...list(8, (w) => `bit_xor(v_${name})${filter(`w = ${w}`)}`)];
  });
  return `SELECT ${comma([...names, keyText(keys), `CAST(${times.length === 0 ? 1 : 'coalesce(max(t), 0)'} AS DOUBLE)`, ...columns])} FROM (${perWord}) g${keys === 0 ? '' : ` GROUP BY ${comma(names)}`}`;
}

/** As `plan/population.ts` writes what the only row of a unit adds. */
export const ONE_ROW = 'CAST(1 AS BIGINT)';

/**
 * A sum of values as a number of 64 bits: in millionths up to a billion; beyond, what a float tells of it, which two ways of
 * computing the same double agree on. What it does not tell apart is taken for the same contribution.
 */
export function asNumber(s: string): string {
  const bounded = `greatest(least(${s}, 1e37), -1e37)`;
  return `CASE WHEN ${s} IS NULL THEN 0 WHEN abs(${s}) < 1e9 THEN CAST(round(${s} * 1e6) AS BIGINT) ELSE CAST(CAST(CAST(${bounded} AS FLOAT) AS HUGEINT) % 9223372036854775783 AS BIGINT) END`;
}

/** A number of rows as a sum of as many ones. */
const rowsAsNumber = (n: string): string => `(${n} & 16777215) * 1000000`;

/** Who adds one is hashed as who is counted. */
export const beyondOne = (v: string): string => `(${v}) - 1000000`;

/** 32 bits of a contribution, as they go into the hash of a unit. Numbers without a pattern. */
export const mixed = (v: string): string => `xor((${v}) & 4294967295, (((${v}) >> 32) & 2147483647) * 40503 & 4294967295)`;

/** Columns of `populationsSql` for each face. */
export const FACE_COLUMNS = 11;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A cell of one population beside a cell of another. */
export interface KeyPair {
  readonly left: string;
  readonly right: string;
}

/**
 * How many units contribute differently to the two cells of each pair: one row (number of the pair, units) for each pair in
 * which any do.
 */
export function differenceSql(left: PopulationSql, leftFace: Face, right: PopulationSql, rightFace: Face, pairs: readonly KeyPair[]): string {
  const side = (name: string, { sql, keys }: PopulationSql, face: Face, column: 'l' | 'r'): string => {
    const number = (prefix: 'n' | 's'): string => `${prefix}${face.measure}`;
    const added = { units: '1000000', count: rowsAsNumber(number('n')), total: asNumber(number('s')) }[face.face];
    return `${name} AS (SELECT pair, u, ${added} AS v FROM (SELECT ${keyText(keys)} AS key, * FROM (${sql}) p) q JOIN pairs ON pairs.${column} = q.key WHERE ${contributes(face)})`;
  };
  const values = pairs.map((pair, i) => `(${i}, ${text(pair.left)}, ${text(pair.right)})`);
  return `WITH pairs(pair, l, r) AS (VALUES ${comma(values)}), ${side('a', left, leftFace, 'l')}, ${side('b', right, rightFace, 'r')} `
    + 'SELECT coalesce(a.pair, b.pair), count(*) FROM a FULL JOIN b ON a.pair = b.pair AND a.u = b.u '
    + 'WHERE a.v IS DISTINCT FROM b.v GROUP BY ALL';
}

/** Which group a row of a population is in, as a whole number of a double. The engine's hashes are the same as long as the worker lives. */
const groupNumber = (keys: number): string => (keys === 0 ? '0' : `hash(${comma(list(keys, (i) => `k${i}`))}) >> 12`);

/** One row for each group: its number, its key text, and of how many units it has rows. */
export function pairKeysSql({ sql, keys }: PopulationSql): string {
  const names = list(keys, (i) => `k${i}`);
  return `SELECT CAST(${groupNumber(keys)} AS DOUBLE), ${keyText(keys)}, n FROM (SELECT ${comma([...names, 'count(*) AS n'])} FROM (${sql}) p${keys === 0 ? '' : ` GROUP BY ${comma(names)}`}) g`;
}

/**
 * One row for each unit in a group, in the order of record keys: the number of the group, the record key, and of each column what it holds; of `g<id>`
 * 1 where `n<id>` is positive, else 0. All as doubles.
 */
export function pairsSql({ sql, keys }: PopulationSql, columns: readonly string[]): string {
  const value = (name: string): string => (name.startsWith('g') ? `CASE WHEN n${name.slice(1)} > 0 THEN 1 ELSE 0 END` : name.startsWith('m') ? `CASE WHEN n${name.slice(1)} > 0 THEN ${name} ELSE 0 END` : name);
  return `SELECT ${comma([groupNumber(keys), 'r', ...columns.map(value)].map((expr) => `CAST(${expr} AS DOUBLE)`))} FROM (${sql}) p ORDER BY r`;
}
