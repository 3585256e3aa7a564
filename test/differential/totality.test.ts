/**
 * Below the gate every expression is total: each function and operator that may stand there, each cast, in the form in which it
 * is printed, over tables of edge values, in every combination of them. The engine never raises, whatever plain DuckDB does.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { AGGREGATES } from '#sandbox/sql/functions/aggregates.ts';
import { DATE_PARTS, SCALARS, TRUNCATIONS } from '#sandbox/sql/functions/scalars.ts';
import { PLAIN_TYPES } from '#sandbox/sql/types.ts';
import { openTables, pin, type TestData } from '../support/sql/tables.ts';
import { compileOn } from '../support/sql/through-gate.ts';

/** No declared bounds: the whole range of each type may occur. */
const column = (type: string) => ({ type, role: 'quasi', nullable: true });
const EDGES = Manifest.parse({
  id: 'edges',
  tables: {
    e: {
      file: 'e.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' }, ti: column('tinyint'), si: column('smallint'), i: column('integer'), b: column('bigint'), dec: column('decimal(18,4)'), whole: column('decimal(18,0)'),
        d: column('double'), t: column('varchar'), f: column('boolean'), day: column('date'), at: column('timestamp'), clock: column('time'),
      },
    },
  },
});

const integers = (bits: bigint): string[] => [String(-(1n << (bits - 1n))), String((1n << (bits - 1n)) - 1n), '0', '-1', '1', 'NULL'];
/** Values of each column; the stored double is held to its grid of 64 bits at load. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  ti: integers(8n), si: integers(16n), i: integers(32n), b: integers(64n),
  dec: ['99999999999999.9999', '-99999999999999.9999', '0', '0.0001', '-0.5', 'NULL'], whole: ['999999999999999999', '-999999999999999999', '0', '1', '-1', 'NULL'],
  d: ['0', '-0.0', '9e12', '-9e12', '1e-6', 'NULL'],
  t: [`''`, 'NULL', `repeat('长x', 20000)`, `'NaN'`, `'-9223372036854775808'`, `'infinity'`, `'1e400'`, `'%_\\'`, `chr(0)`, `'2024-02-30'`, `'12:00'`, `'İß👩‍👩‍👧'`],
  f: ['true', 'false', 'NULL'],
  day: [`DATE '0001-01-01'`, `DATE '9999-12-31'`, `DATE '5877642-06-25 (BC)'`, `DATE '5881580-07-10'`, `DATE 'infinity'`, `DATE '-infinity'`, `DATE '1970-01-01'`, 'NULL'],
  at: [`TIMESTAMP '0001-01-01'`, `TIMESTAMP '9999-12-31 23:59:59.999999'`, `TIMESTAMP '290309-12-22 (BC) 00:00:00'`, `TIMESTAMP '294247-01-10 04:00:54.775806'`, `TIMESTAMP 'infinity'`, `TIMESTAMP '-infinity'`, `TIMESTAMP '1970-01-01'`, 'NULL'],
  clock: [`TIME '00:00:00'`, `TIME '24:00:00'`, `TIME '23:59:59.999999'`, 'NULL'],
};

/** Columns for each kind of parameter. */
const NUMBERS = ['ti', 'si', 'i', 'b', 'dec', 'whole', 'd'];
const OF: Readonly<Record<string, readonly string[]>> = {
  any: ['b', 't', 'day', 'f', 'd', 'dec'], number: NUMBERS, integer: ['ti', 'si', 'i', 'b'], double: NUMBERS, text: ['t'], 'text-of': ['t', 'b', 'at', 'd'], boolean: ['f'], moment: ['day', 'at'], timestamp: ['day', 'at'],
};

let tables: TestData;
beforeAll(async () => {
  const names = Object.keys(VALUES);
  const longest = Math.max(...Object.values(VALUES).map((values) => values.length));
  const rows = Array.from({ length: longest }, (_, r) => [`'u${r}'`, ...names.map((name) => VALUES[name]?.[r % (VALUES[name]?.length ?? 1)] ?? 'NULL')]);
  tables = await openTables(EDGES, { e: rows });
});
afterAll(() => { tables.close(); });

const REFUSALS = ['gate/partial', 'bind/arguments', 'bind/types'];

/** All of them, in as few queries as refusals allow; what fails is asked for again by itself, to be named. */
async function survive(expressions: readonly string[]): Promise<void> {
  for (let i = 0; i < expressions.length; i += 40) await half(expressions.slice(i, i + 40));
}

async function half(expressions: readonly string[]): Promise<void> {
  const [only, ...others] = expressions;
  if (only === undefined) return;
  const compiled = await compileOn(tables.connection, [pin(EDGES)], `SELECT ${expressions.map((each) => `count(*) FILTER (WHERE (${each}) IS NOT NULL)`).join(', ')} FROM edges.e x`);
  if (!compiled.ok && others.length === 0) {
    expect(compiled.error.filter(({ code }) => !REFUSALS.includes(code)).map(({ code, message }) => `${code} ${message.en}`), only).toEqual([]);
    return;
  }
  const fails = compiled.ok ? await Promise.all(compiled.value.gates.map(({ sql }) => failure(sql))).then((all) => all.find((each) => each !== null) ?? null) : null;
  if (compiled.ok && fails === null) return;
  if (others.length === 0) throw new Error(`${only}\n${fails ?? ''}`);
  const middle = expressions.length >> 1;
  await half(expressions.slice(0, middle));
  await half(expressions.slice(middle));
}

async function failure(sql: string): Promise<string | null> {
  return tables.connection.runAndReadAll(sql).then(() => null, (error: Error) => `${error.message.slice(0, 500)}\n${sql.slice(0, 1_500)}`);
}

const ARITHMETIC = ['+', '-', '*', '/', '//', '%'];
const CONSTANTS = ['0', '1', '-1', '9223372036854775807', '-9223372036854775808', '1.5', '0.0001', '1e300', '-2e-300'];

describe('operators', () => {
  test.each(ARITHMETIC)('%s of numbers', (operator) => survive(NUMBERS.flatMap((a) => [
    ...NUMBERS.map((b) => `x.${a} ${operator} x.${b}`), ...CONSTANTS.flatMap((constant) => [`x.${a} ${operator} ${constant}`, `${constant} ${operator} x.${a}`]),
  ])));
  test('arithmetic inside arithmetic', () => survive(NUMBERS.flatMap((a) => ['b', 'dec', 'd'].flatMap((b) => ARITHMETIC.map((operator) => `((x.${a} * x.${b}) ${operator} (x.${a} - x.${b})) ${operator} x.b`)))));
  test('steps of time', () => {
    const steps = ['INTERVAL 1000 YEAR', 'INTERVAL (-12000) MONTH', 'INTERVAL 400000 DAY', 'INTERVAL 9000000 HOUR', 'INTERVAL 1 SECOND', 'to_days(-400000)', 'to_weeks(50000)'];
    const signs = ['+', '-'];
    return survive([
      ...['day', 'at'].flatMap((at) => steps.flatMap((step) => signs.map((sign) => `x.${at} ${sign} ${step}`))),
      ...signs.flatMap((sign) => ['1', '400000', '-400000', 'x.i', 'x.ti', 'x.b'].map((days) => `x.day ${sign} ${days}`)),
      'x.day - x.day', 'x.at - x.at', 'x.day - x.at', 'x.at - x.day', '(x.day + INTERVAL 1000 YEAR) + INTERVAL 1000 YEAR + INTERVAL 1000 YEAR',
    ]);
  });
  test('comparisons of all types with all types', () => survive(Object.keys(VALUES).flatMap((a) => [`x.${a} BETWEEN x.${a} AND x.${a}`, ...Object.keys(VALUES).flatMap((b) => ['=', '<', 'IS DISTINCT FROM'].map((operator) => `x.${a} ${operator} x.${b}`))])));
});

test.each(PLAIN_TYPES.concat('DECIMAL(38,10)', 'DECIMAL(4,2)', 'DECIMAL(18,0)', 'DECIMAL(38,0)'))('casts to %s, and what is computed from them', (type) => survive(Object.keys(VALUES).flatMap((a) => {
  const value = `CAST(x.${a} AS ${type})`;
  return [
    value, `TRY_CAST(x.${a} AS ${type})`, `CAST(${value} AS VARCHAR)`, `${value} + CAST(x.b AS ${type})`, `${value} * ${value}`, `${value} - INTERVAL 1 MONTH`, `${value} + 1`, `year(${value})`, `${value} < x.at`, `${value} < x.day`,
    `${value} = 7`, `abs(${value})`, `- ${value}`, `floor(${value})`, `date_trunc('month', ${value})`, `${value} || x.t`, `coalesce(${value}, CAST(x.b AS ${type}))`, `${value} IN (x.b, 1)`, `round(${value}, 2)`,
  ];
})));

/** Arguments of a function by the names of its parameters in `form`, each with every column of its kind. */
function calls(form: string, name: string): string[] {
  const list = /\((.*)\)/.exec(form)?.[1] ?? '';
  const parameters = list.split(', ').filter((parameter) => parameter !== '' && parameter !== '…').map((parameter) => parameter.replaceAll(/[[\]]/g, ''));
  const words = name.includes('trunc') ? TRUNCATIONS : DATE_PARTS;
  const options = parameters.map((parameter, i) => {
    if (parameter === 'word') return words.map((word) => `'${word}'`);
    // Lengths are constants below the gate.
    if (parameter === 'integer' && ['substring', 'substr', 'left', 'right'].includes(name)) return ['0', '1', '-1', '1000000', '-1000000'];
    if (name.startsWith('to_')) return ['0', '1000', '-1000'];
    if (parameter === 'integer' && i > 0) return ['0', '2', '-400', '400', 'x.b', 'x.ti'];
    return (OF[parameter] ?? ['b']).map((each) => `x.${each}`);
  });
  const combinations = options.reduce<string[][]>((all, next) => all.flatMap((args) => next.map((arg) => [...args, arg])), [[]]);
  return combinations.slice(0, 150).map((args) => `${name}(${args.join(', ')})`);
}

const BELOW = [...SCALARS.values()].filter(({ below, operator }) => below !== 'above' && !operator);

describe('functions', () => {
  test.each(BELOW.map(({ name, form }) => [name, form] as const))('%s', (name, form) => survive(
    name === 'abs' ? NUMBERS.map((number) => `abs(x.${number})`) : name === 'mod' ? NUMBERS.flatMap((a) => NUMBERS.map((b) => `mod(x.${a}, x.${b})`)) : name === 'position' ? ['position(x.t IN x.t)'] : calls(form, name),
  ));
  test('patterns and text operators', () => survive([
    ...['LIKE', 'NOT LIKE', 'ILIKE', 'NOT ILIKE', '^@'].flatMap((operator) => ['x.t', `'%'`, `'%%%%_%'`, `'\\'`, `''`].map((pattern) => `x.t ${operator} ${pattern}`)), ...Object.keys(VALUES).map((other) => `x.t || x.${other}`),
  ]));
});

describe('statistics', () => {
  test.each([...AGGREGATES.keys()])('%s', async (name) => {
    for (const column of ['ti', 'b', 'dec', 'd', 'f', 't', 'day', 'at']) {
      for (const args of [`x.${column}`, `x.${column}, x.b`, `x.${column}, 0.5`, `x.${column} * x.d`, `DISTINCT x.${column}`]) {
        const compiled = await compileOn(tables.connection, [pin(EDGES)], `SELECT ${name}(${args}) FROM edges.e x`);
        for (const { sql } of compiled.ok ? compiled.value.gates : []) expect(await failure(sql), `${name}(${args})`).toBeNull();
      }
    }
  });
});
