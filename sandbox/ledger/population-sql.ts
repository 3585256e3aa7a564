/**
 * The ledger's own questions to the data engine, as text around the population queries of the gate (`sql/plan/population.ts`),
 * which are printed and certified there. Nothing here comes from an operator but keys that the engine itself returned.
 *
 * A unit's hash depends on its pseudonym (keyed, uniform) and on what it contributes; only arithmetic that every version of
 * the engine does alike is used, because fingerprints are kept for years.
 */
import type { Face } from './face.ts';

/** A population query with the names of its columns. */
export interface PopulationSql {
  /** Columns k0 …, u, n<measure>, s<measure>. */
  readonly sql: string;
  readonly keys: number;
}

const list = (count: number, of: (i: number) => string): readonly string[] => Array.from({ length: count }, (_, i) => of(i));
const comma = (parts: readonly string[]): string => parts.join(', ');

/** The keys of a group as one text. */
function keyText(keys: number, alias = ''): string {
  return keys === 0 ? "'[]'" : `CAST(to_json([${comma(list(keys, (i) => `CAST(${alias}k${i} AS VARCHAR)`))}]) AS VARCHAR)`;
}

const contributes = ({ measure }: Face): string => `n${measure} > 0`;

/** 32 bits of what a unit contributes. Exact sums go in by their digits. */
function contribution({ measure, face }: Face): string {
  // A count of units is a count of rows of which each unit has one.
  const rows = `CAST((((${face === 'units' ? '1::BIGINT' : `n${measure}`}) & 16777215) * 2654435761) & 4294967295 AS UBIGINT)`;
  switch (face) {
    case 'units':
    case 'count': return rows;
    case 'total': return `xor(${rows}, md5_number_lower(CAST(s${measure} AS VARCHAR)) & 4294967295)`;
  }
}

/**
 * One row for each group: `k0` …, its key text, then for each face the number of units, the fingerprint, and eight words of
 * 64 bits of the sketch.
 */
export function populationsSql({ sql, keys }: PopulationSql, faces: readonly Face[]): string {
  const names = list(keys, (i) => `k${i}`);
  const numbers = [...new Set(faces.flatMap(({ measure, face }) => [`n${measure}`, ...(face === 'total' ? [`s${measure}`] : [])]))];
  const halves = `SELECT ${comma([...names, ...numbers, 'CAST(u & 18446744073709551615 AS UBIGINT) AS lo', 'CAST(u >> 64 AS UBIGINT) AS hi'])} FROM (${sql}) p`;
  const counts = numbers.filter((name) => name.startsWith('n'));
  const hashed = `SELECT ${comma([...names, ...counts, 'hi & 255 AS b', ...faces.map((face, f) =>
    `xor(hi, xor(lo & 4294967295, ${contribution(face)}) * ((lo >> 32) | 1)) AS h${f}`)])} FROM (${halves}) q`;
  const dealt = `SELECT ${comma([...names, ...counts, 'b', ...faces.flatMap((_, f) => [`h${f}`, `((h${f} >> 33) & 3) << ((b & 31) * 2) AS v${f}`])])} FROM (${hashed}) r`;
  const columns = faces.flatMap((face, f) => [
    `count(*) FILTER (WHERE ${contributes(face)})`,
    `bit_xor(h${f}) FILTER (WHERE ${contributes(face)})`,
    ...list(8, (w) => `bit_xor(v${f}) FILTER (WHERE ${contributes(face)} AND (b >> 5) = ${w})`),
  ]);
  return `SELECT ${comma([...names, keyText(keys), ...columns])} FROM (${dealt}) t${keys === 0 ? '' : ` GROUP BY ${comma(names)}`}`;
}

/** Columns of `populationsSql` for each face. */
export const FACE_COLUMNS = 10;

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
    const what = { units: `1::BIGINT AS n, NULL AS s`, count: `${number('n')} AS n, NULL AS s`, total: `${number('n')} AS n, CAST(${number('s')} AS VARCHAR) AS s` }[face.face];
    return `${name} AS (SELECT pair, u, ${what} FROM (SELECT ${keyText(keys)} AS key, * FROM (${sql}) p) q JOIN pairs ON pairs.${column} = q.key WHERE ${contributes(face)})`;
  };
  const values = pairs.map((pair, i) => `(${i}, ${text(pair.left)}, ${text(pair.right)})`);
  return `WITH pairs(pair, l, r) AS (VALUES ${comma(values)}), ${side('a', left, leftFace, 'l')}, ${side('b', right, rightFace, 'r')} `
    + 'SELECT coalesce(a.pair, b.pair), count(*) FROM a FULL JOIN b ON a.pair = b.pair AND a.u = b.u '
    + 'WHERE a.n IS DISTINCT FROM b.n OR a.s IS DISTINCT FROM b.s GROUP BY ALL';
}

/** Rows of a unit in a cell. */
const rowsOf = ({ measure, face }: Face): string => (face === 'units' ? '1::BIGINT' : `n${measure}::BIGINT`);

/** One population in a question about several. */
export interface Member {
  readonly population: PopulationSql;
  readonly face: Face;
}

/**
 * Classes of units that are in the same cells of all populations with the same number of rows. One row for each class and
 * cell: number of the class, its units, number of the population, key text, rows of each unit in that cell.
 */
export function classesSql(members: readonly Member[]): string {
  const parts = members.map(({ population: { sql, keys }, face }, g) =>
    `SELECT u, hash(${comma([String(g), rowsOf(face), ...list(keys, (i) => `k${i}`)])}) AS h FROM (${sql}) p WHERE ${contributes(face)}`);
  // Key texts are made for one unit of each class only.
  const shown = members.map(({ population: { sql, keys }, face }, g) =>
    `SELECT class, units, ${g}, ${keyText(keys)}, ${rowsOf(face)} FROM d JOIN (${sql}) p USING (u) WHERE ${contributes(face)}`);
  return `WITH e AS (${parts.join(' UNION ALL ')}), s AS (SELECT u, bit_xor(h) AS sig FROM e GROUP BY u), `
    + 'c AS (SELECT sig, count(*) AS units, min(u) AS u FROM s GROUP BY sig), '
    + `d AS MATERIALIZED (SELECT row_number() OVER (ORDER BY u) AS class, units, u FROM c) ${shown.join(' UNION ALL ')}`;
}
