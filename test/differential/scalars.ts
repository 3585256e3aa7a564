/**
 * How to call each scalar function of the gate so that plain DuckDB does not raise: what it takes, what it gives. The registry
 * test requires a line for every function that the gate accepts.
 */

/** Types of generated expressions. `near`: floating numbers that are only equal within a relative error, as averages are. */
export type T = 'int' | 'dec' | 'dbl' | 'near' | 'txt' | 'bool' | 'date' | 'ts' | 'interval';

/** An argument: any expression of the type, one of these texts, or a template around an expression of the type (`abs(#)`). */
export type Slot = T | readonly string[] | { readonly of: T; readonly as: string };

export interface Signature {
  readonly args: readonly Slot[];
  readonly result: T;
  /** How it is written, `$1` being the first argument; left out for `name($1, $2)`. */
  readonly form?: string;
}

const one = (args: readonly Slot[], result: T, form?: string): Signature => (form === undefined ? { args, result } : { args, result, form });

const small: Slot = ['0', '1', '2', '-1', '3', '7'];
const texts: Slot = [`'a'`, `''`, `'%'`, `'_'`, `'é'`, `' '`, `'市'`];
const patterns: Slot = [`'%a%'`, `''`, `'P%'`, `'_lain'`, `'%\\_%'`, `'%李%'`, `'%'`];
const positive: Slot = { of: 'dbl', as: '(abs(#) + 1)' };
const tame: Slot = { of: 'int', as: '((#) % 20)' };

const same = (names: readonly string[], ...signatures: Signature[]): [string, readonly Signature[]][] => names.map((name) => [name, signatures]);
const moments = (names: readonly string[], result: T): [string, readonly Signature[]][] => same(names, one(['date'], result), one(['ts'], result));
const words = (name: string, part: readonly string[], count: 1 | 2, result: T): [string, readonly Signature[]][] =>
  [[name, (['date', 'ts'] as const).map((type) => one([part.map((word) => `'${word}'`), ...Array.from({ length: count }, () => type)], result))]];

const PARTS = ['year', 'month', 'day', 'quarter', 'week', 'dow', 'isodow', 'doy', 'decade', 'century', 'isoyear', 'yearweek', 'hour', 'minute', 'second'];
const TRUNCATED = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'decade'];
const APART = ['day', 'year', 'month', 'quarter', 'week', 'hour'];

export const SIGNATURES: ReadonlyMap<string, readonly Signature[]> = new Map([
  ...same(['lower', 'lcase', 'upper', 'ucase', 'reverse'], one(['txt'], 'txt')),
  ...same(['length', 'len', 'char_length', 'character_length', 'strlen'], one(['txt'], 'int')),
  ...same(['trim', 'ltrim', 'rtrim'], one(['txt'], 'txt'), one(['txt', texts], 'txt')),
  ...same(['substring', 'substr'], one(['txt', small], 'txt'), one(['txt', small, ['0', '1', '5']], 'txt')),
  ...same(['left', 'right'], one(['txt', small], 'txt')),
  ...same(['contains', 'starts_with', 'prefix', 'ends_with', 'suffix'], one(['txt', texts], 'bool'), one(['txt', 'txt'], 'bool')),
  ...same(['^@'], one(['txt', texts], 'bool', '($1 ^@ $2)')),
  ...same(['strpos', 'instr'], one(['txt', texts], 'int')),
  ...same(['position'], one([texts, 'txt'], 'int', 'position($1 IN $2)')),
  ...same(['concat'], one(['txt', 'int'], 'txt'), one(['txt', 'date', 'txt'], 'txt')),
  ...same(['concat_ws'], one([[`'-'`, `''`], 'txt', 'int', 'txt'], 'txt')),
  ...same(['||'], one(['txt', 'txt'], 'txt', '($1 || $2)'), one(['txt', 'int'], 'txt', '($1 || $2)')),
  ...same(['~~'], one(['txt', patterns], 'bool', '($1 LIKE $2)')),
  ...same(['!~~'], one(['txt', patterns], 'bool', '($1 NOT LIKE $2)')),
  ...same(['~~*'], one(['txt', patterns], 'bool', '($1 ILIKE $2)')),
  ...same(['!~~*'], one(['txt', patterns], 'bool', '($1 NOT ILIKE $2)')),
  ...same(['replace'], one(['txt', texts, texts], 'txt')),
  ...same(['lpad', 'rpad'], one(['txt', ['0', '3', '12'], [`'-'`, `'市'`]], 'txt')),
  ...same(['split_part'], one(['txt', [`'a'`, `' '`], ['1', '2']], 'txt')),
  ...same(['printf'], one([[`'%d!'`], 'int'], 'txt'), one([[`'%s-%s'`], 'txt', 'txt'], 'txt')),
  ...same(['format'], one([[`'{}!'`], 'int'], 'txt'), one([[`'{}-{}'`], 'txt', 'txt'], 'txt')),
  ...same(['like_escape'], one(['txt', [`'%$_%'`, `'a$%%'`], [`'$'`]], 'bool', '($1 LIKE $2 ESCAPE $3)')),
  ...same(['not_like_escape'], one(['txt', [`'%$_%'`, `'a$%%'`], [`'$'`]], 'bool', '($1 NOT LIKE $2 ESCAPE $3)')),
  ...same(['floor', 'ceil', 'ceiling', 'trunc'], one(['dec'], 'dec'), one(['dbl'], 'dbl'), one(['int'], 'int')),
  ...same(['round'], one(['dec'], 'dec'), one(['dec', ['0', '1', '2']], 'dec'), one(['dbl', ['0', '2', '-1']], 'dbl'), one(['int', ['-2', '0']], 'int')),
  ...same(['sign'], one(['int'], 'int'), one(['dbl'], 'int'), one(['dec'], 'int')),
  ...same(['cbrt', 'degrees', 'radians', 'atan'], one(['dbl'], 'dbl'), one(['int'], 'dbl')),
  ...same(['exp'], one([tame], 'dbl')),
  ...same(['sqrt', 'ln', 'log10', 'log2'], one([positive], 'dbl')),
  ...same(['sin', 'cos', 'tan'], one(['dec'], 'dbl'), one([tame], 'dbl')),
  ...same(['log'], one([positive], 'dbl'), one([['2', '10'], positive], 'dbl')),
  ...same(['pow', 'power'], one(['dbl', ['2', '0', '-1', '0.5']], 'dbl'), one([tame, ['2', '3']], 'dbl')),
  ...same(['pi'], one([], 'dbl')),
  ...same(['isnan', 'isinf', 'isfinite'], one(['dbl'], 'bool')),
  ...same(['greatest', 'least'], one(['int', 'int'], 'int'), one(['int', 'dec', ['5']], 'dec'), one(['txt', 'txt'], 'txt'), one(['date', 'date'], 'date'), one(['dbl', 'int'], 'dbl')),
  ...same(['nullif'], one(['int', 'int'], 'int'), one(['txt', texts], 'txt'), one(['dec', ['0']], 'dec'), one(['date', 'date'], 'date')),
  ...moments(['year', 'month', 'day', 'dayofmonth', 'quarter', 'week', 'weekofyear', 'dayofweek', 'weekday', 'isodow', 'dayofyear', 'isoyear', 'yearweek', 'decade', 'century', 'hour', 'minute', 'second'], 'int'),
  ...words('date_part', PARTS, 1, 'int'), ...words('datepart', PARTS, 1, 'int'),
  ...words('date_trunc', TRUNCATED, 1, 'ts'), ...words('datetrunc', TRUNCATED, 1, 'ts'),
  ...words('date_diff', APART, 2, 'int'), ...words('datediff', APART, 2, 'int'), ...words('date_sub', APART, 2, 'int'), ...words('datesub', APART, 2, 'int'),
  ...moments(['monthname', 'dayname'], 'txt'),
  ...moments(['last_day'], 'date'),
  ...moments(['epoch'], 'dbl'),
  ...same(['make_date'], one([['2020'], ['1', '12'], ['1', '28']], 'date')),
  ...same(['strftime'], one(['date', [`'%Y-%m'`, `'%d/%m'`]], 'txt'), one(['ts', [`'%H:%M'`]], 'txt')),
  ...same(['to_years', 'to_months', 'to_weeks', 'to_days', 'to_hours', 'to_minutes'], one([['0', '1', '-2', '12']], 'interval')),
  ...same(['to_seconds'], one([['0', '1', '-90', '12']], 'interval')),
  ...same(['abs'], one(['dec'], 'dec'), one(['dbl'], 'dbl'), one([tame], 'int')),
  ...same(['+'], one(['dec', 'int'], 'dec', '($1 + $2)'), one(['dbl', 'int'], 'dbl', '($1 + $2)'), one([tame, tame], 'int', '($1 + $2)'), one(['int', ['1', '0']], 'int', '($1 + $2)'), one(['date', ['1', '30']], 'date', '($1 + $2)'), one(['date', 'interval'], 'ts', '($1 + $2)'), one(['ts', 'interval'], 'ts', '($1 + $2)')),
  ...same(['-'], one(['dec', 'int'], 'dec', '($1 - $2)'), one(['int', ['1', '0']], 'int', '($1 - $2)'), one(['dbl'], 'dbl', '(- $1)'), one(['dec'], 'dec', '(- $1)'), one(['date', 'date'], 'int', '($1 - $2)'), one(['ts', 'interval'], 'ts', '($1 - $2)'), one(['date', ['1']], 'date', '($1 - $2)')),
  ...same(['*'], one(['dec', ['2', '0.5', '-1']], 'dec', '($1 * $2)'), one([tame, tame], 'int', '($1 * $2)'), one(['dbl', 'dbl'], 'dbl', '($1 * $2)')),
  ...same(['/'], one(['int', ['2', '3', '0']], 'dbl', '($1 / $2)'), one(['dec', 'dbl'], 'dbl', '($1 / $2)')),
  ...same(['//'], one(['int', ['2', '10', '0']], 'int', '($1 // $2)')),
  ...same(['%'], one(['int', ['2', '10', '0']], 'int', '($1 % $2)'), one(['dec', ['3']], 'dec', '($1 % $2)')),
  ...same(['mod'], one(['int', ['2', '10', '0']], 'int'), one(['dec', ['3']], 'dec')),
]);

/** Literals and constant expressions of each type, the plainest first. */
export const LITERALS: Readonly<Record<T, readonly string[]>> = {
  int: ['1', '0', '7', '-1', '1999', '1000000', 'CAST(NULL AS INTEGER)'],
  dec: ['1.50', '0.00', '-12.34', '9999999.99', 'CAST(NULL AS DECIMAL(12,2))'],
  dbl: ['CAST(1.5 AS DOUBLE)', '0.1e0', '-2.5e3', 'CAST(NULL AS DOUBLE)'],
  near: ['CAST(1.5 AS DOUBLE)', '0.1e0'],
  txt: [`'plain'`, `''`, `'east'`, `'市北'`, `'it''s'`, 'CAST(NULL AS VARCHAR)'],
  bool: ['true', 'false', 'CAST(NULL AS BOOLEAN)'],
  date: [`DATE '2020-01-01'`, `DATE '1970-01-01'`, `DATE '2024-02-29'`, 'CAST(NULL AS DATE)'],
  ts: [`TIMESTAMP '2020-01-01 00:00:00'`, `TIMESTAMP '1999-12-31 23:59:59'`, 'CAST(NULL AS TIMESTAMP)'],
  interval: [`INTERVAL 1 DAY`, `INTERVAL '3' MONTH`, 'INTERVAL (2) YEAR', `INTERVAL 90 MINUTE`],
};
