/**
 * The scalar functions that exist, as rows of a table: name, parameters, type of the result, and whether it may stand below
 * the gate. `total`: no value of its arguments makes it raise, and its result is no larger than a constant times its
 * arguments. `arithmetic`: made total from declared ranges; `guarded`: made total by a condition on its arguments (both
 * `plan/total.ts`). `above`: only on released values.
 * What is not here does not exist: clocks, randomness, session, catalogue, files, SQL in strings, regular expressions,
 * anything whose size or running time depends on a value.
 */
import type { Bound } from '../expression.ts';
import { decimal, isFloating, isInteger, unify, type Type } from '../types.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { cast, coerce, isTextLiteral, type Parameter } from './parameter.ts';

export type Below = 'total' | 'arithmetic' | 'guarded' | 'above';

export interface ScalarFunction {
  readonly name: string;
  readonly operator: boolean;
  readonly below: Below;
  /** The arguments with their casts, and the type of the result; null where they do not fit. */
  readonly bind: (args: readonly Bound[]) => { readonly args: readonly Bound[]; readonly type: Type } | null;
  /** For people: `substring(text, integer[, integer])`. */
  readonly form: string;
}

type ResultOf = Type | ((args: readonly Bound[]) => Type | null);

interface Row {
  readonly names: readonly string[];
  readonly parameters: readonly Parameter[];
  /** How many of the last parameters may be left out. */
  readonly optional?: number;
  /** The last parameter may be repeated. */
  readonly variadic?: boolean;
  readonly result: ResultOf;
  readonly below: Below;
  readonly operator?: boolean;
  /** The values that a `word` may have; all of them if left out. */
  readonly words?: readonly string[];
}

const unified: ResultOf = (args) => args.reduce<Type | null>((type, arg) => (type === null ? null : unify(type, arg.type)), 'NULL');
/** round, floor, ceil of a decimal lose its digits. */
const whole: ResultOf = ([value]) => {
  if (value === undefined) return null;
  const exact = decimal(value.type);
  return exact === null ? value.type : `DECIMAL(${exact.width},0)`;
};
/** floor and ceil make a floating number of an integer; trunc and round do not. */
const wholeOrDouble: ResultOf = (args) => (args[0] !== undefined && isInteger(args[0].type) ? 'DOUBLE' : typeof whole === 'function' ? whole(args) : whole);
const rounded: ResultOf = ([value, digits]) => {
  if (value === undefined) return null;
  const exact = decimal(value.type);
  // The engine takes 32 bits there.
  if (digits !== undefined && !['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT'].includes(digits.type)) return null;
  if (exact === null) return value.type;
  // Of a decimal the engine takes a constant only.
  if (digits?.kind !== 'literal' || digits.value === null) return null;
  const scale = Math.min(Math.max(Number(digits.value), 0), exact.scale);
  return `DECIMAL(${exact.width},${scale})`;
};

export const DATE_PARTS = ['year', 'month', 'day', 'quarter', 'week', 'dow', 'dayofweek', 'isodow', 'doy', 'dayofyear', 'decade', 'century', 'millennium', 'isoyear', 'yearweek', 'hour', 'minute', 'second', 'millisecond', 'microsecond'];
export const TRUNCATIONS = ['millennium', 'century', 'decade', 'year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'];
const DIFFERENCES = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'];

const ROWS: readonly Row[] = [
  // Text. Nothing that makes text longer than a constant times its arguments stands below the gate.
  { names: ['lower', 'lcase'], parameters: ['text'], result: 'VARCHAR', below: 'total' },
  { names: ['upper', 'ucase'], parameters: ['text'], result: 'VARCHAR', below: 'total' },
  { names: ['length', 'len', 'char_length', 'character_length'], parameters: ['text'], result: 'BIGINT', below: 'total' },
  { names: ['strlen'], parameters: ['text'], result: 'BIGINT', below: 'total' },
  { names: ['trim', 'ltrim', 'rtrim'], parameters: ['text', 'text'], optional: 1, result: 'VARCHAR', below: 'total' },
  { names: ['substring', 'substr'], parameters: ['text', 'integer', 'integer'], optional: 1, result: 'VARCHAR', below: 'guarded' },
  { names: ['left', 'right'], parameters: ['text', 'integer'], result: 'VARCHAR', below: 'guarded' },
  { names: ['reverse'], parameters: ['text'], result: 'VARCHAR', below: 'total' },
  { names: ['contains'], parameters: ['text', 'text'], result: 'BOOLEAN', below: 'total' },
  { names: ['starts_with', 'prefix'], parameters: ['text', 'text'], result: 'BOOLEAN', below: 'total' },
  { names: ['^@'], parameters: ['text', 'text'], result: 'BOOLEAN', below: 'total', operator: true },
  { names: ['ends_with', 'suffix'], parameters: ['text', 'text'], result: 'BOOLEAN', below: 'total' },
  { names: ['strpos', 'instr', 'position'], parameters: ['text', 'text'], result: 'BIGINT', below: 'total' },
  { names: ['concat'], parameters: ['text-of'], variadic: true, result: 'VARCHAR', below: 'total' },
  { names: ['concat_ws'], parameters: ['text', 'text-of'], variadic: true, result: 'VARCHAR', below: 'total' },
  { names: ['||'], parameters: ['text-of', 'text-of'], result: 'VARCHAR', below: 'total', operator: true },
  { names: ['~~', '!~~', '~~*', '!~~*'], parameters: ['text', 'text'], result: 'BOOLEAN', below: 'total', operator: true },
  { names: ['replace'], parameters: ['text', 'text', 'text'], result: 'VARCHAR', below: 'above' },
  { names: ['lpad', 'rpad'], parameters: ['text', 'length', 'text'], result: 'VARCHAR', below: 'above' },
  { names: ['split_part'], parameters: ['text', 'text', 'integer'], result: 'VARCHAR', below: 'above' },
  { names: ['printf', 'format'], parameters: ['pattern', 'any'], variadic: true, result: 'VARCHAR', below: 'above' },
  { names: ['like_escape', 'not_like_escape'], parameters: ['text', 'text', 'text'], result: 'BOOLEAN', below: 'above' },
  // Numbers.
  { names: ['floor'], parameters: ['number'], result: wholeOrDouble, below: 'total' },
  { names: ['ceil', 'ceiling'], parameters: ['number'], result: wholeOrDouble, below: 'total' },
  { names: ['trunc'], parameters: ['number'], result: whole, below: 'total' },
  { names: ['round'], parameters: ['number', 'integer'], optional: 1, result: (args) => (args.length === 1 && typeof whole === 'function' ? whole(args) : (rounded as (args: readonly Bound[]) => Type | null)(args)), below: 'total' },
  { names: ['sign'], parameters: ['number'], result: 'TINYINT', below: 'total' },
  { names: ['cbrt', 'exp', 'degrees', 'radians', 'atan'], parameters: ['double'], result: 'DOUBLE', below: 'total' },
  { names: ['sqrt', 'ln', 'log10', 'log2', 'sin', 'cos', 'tan'], parameters: ['double'], result: 'DOUBLE', below: 'guarded' },
  { names: ['log'], parameters: ['double', 'double'], optional: 1, result: 'DOUBLE', below: 'above' },
  { names: ['pow', 'power'], parameters: ['double', 'double'], result: 'DOUBLE', below: 'total' },
  { names: ['pi'], parameters: [], result: 'DOUBLE', below: 'total' },
  { names: ['isnan', 'isinf', 'isfinite'], parameters: ['double'], result: 'BOOLEAN', below: 'total' },
  { names: ['greatest', 'least'], parameters: ['any'], variadic: true, result: unified, below: 'total' },
  // Dates and times.
  { names: ['year', 'month', 'day', 'dayofmonth', 'quarter', 'dayofweek', 'weekday', 'isodow', 'dayofyear', 'decade', 'century', 'hour', 'minute', 'second'], parameters: ['moment'], result: 'BIGINT', below: 'total' },
  { names: ['week', 'weekofyear', 'isoyear', 'yearweek'], parameters: ['moment'], result: 'BIGINT', below: 'guarded' },
  { names: ['date_part', 'datepart'], parameters: ['word', 'moment'], result: 'BIGINT', below: 'guarded', words: DATE_PARTS },
  { names: ['date_trunc', 'datetrunc'], parameters: ['word', 'timestamp'], result: 'TIMESTAMP', below: 'guarded', words: TRUNCATIONS },
  { names: ['date_diff', 'datediff', 'date_sub', 'datesub'], parameters: ['word', 'timestamp', 'timestamp'], result: 'BIGINT', below: 'guarded', words: DIFFERENCES },
  { names: ['monthname', 'dayname'], parameters: ['moment'], result: 'VARCHAR', below: 'total' },
  { names: ['last_day'], parameters: ['moment'], result: 'DATE', below: 'guarded' },
  { names: ['epoch'], parameters: ['moment'], result: 'DOUBLE', below: 'total' },
  { names: ['make_date'], parameters: ['integer', 'integer', 'integer'], result: 'DATE', below: 'above' },
  { names: ['strftime'], parameters: ['moment', 'word'], result: 'VARCHAR', below: 'above' },
  { names: ['to_years', 'to_months', 'to_weeks', 'to_days', 'to_hours', 'to_minutes'], parameters: ['integer'], result: 'INTERVAL', below: 'guarded' },
  { names: ['to_seconds'], parameters: ['double'], result: 'INTERVAL', below: 'guarded' },
];

function fromRow(row: Row, name: string): ScalarFunction {
  const { parameters, optional = 0, variadic = false } = row;
  return {
    name,
    operator: row.operator ?? false,
    below: row.below,
    form: `${name}(${parameters.map((parameter, i) => (i >= parameters.length - optional ? `[${parameter}]` : parameter)).join(', ')}${variadic ? ', …' : ''})`,
    bind: (given) => {
      if (given.length < parameters.length - optional || (!variadic && given.length > parameters.length)) return null;
      const args: Bound[] = [];
      for (const [i, arg] of given.entries()) {
        const parameter = parameters[Math.min(i, parameters.length - 1)];
        const fitted = parameter === undefined ? null : coerce(arg, parameter);
        if (fitted === null || (parameter === 'word' && row.words !== undefined && !(fitted.kind === 'literal' && row.words.includes(fitted.value?.toLowerCase() ?? '')))) return null;
        args.push(fitted);
      }
      const type = typeof row.result === 'string' ? row.result : row.result(args);
      if (type === null) return null;
      // Arguments that the function compares with one another get one type.
      return { args: row.result === unified ? args.map((arg) => (arg.type === type ? arg : { kind: 'cast', arg, try: false, type, at: arg.at })) : args, type };
    },
  };
}

/** abs is partial on the least integer of a type; its interval decides below the gate. */
const ABS: ScalarFunction = {
  name: 'abs', operator: false, below: 'arithmetic', form: 'abs(number)',
  bind: ([value, ...others]) => (value === undefined || others.length > 0 || !(isInteger(value.type) || decimal(value.type) !== null || isFloating(value.type)) ? null : { args: [value], type: value.type }),
};

/** Compares its arguments, so both are brought to one type: text is not guessed to be something else, but a text literal is. */
const NULLIF: ScalarFunction = {
  name: 'nullif', operator: false, below: 'total', form: 'nullif(any, any)',
  bind: ([value, other, ...others]) => {
    if (value === undefined || other === undefined || others.length > 0) return null;
    const type = isTextLiteral(other) && value.type !== 'NULL' ? value.type : unify(value.type, other.type);
    if (type === null || (type === 'VARCHAR' && [value, other].some((arg) => arg.type !== 'VARCHAR' && arg.type !== 'NULL'))) return null;
    return { args: [cast(value, type), cast(other, type)], type: type === 'NULL' ? 'INTEGER' : type };
  },
};

export const SCALARS: ReadonlyMap<string, ScalarFunction> = new Map(
  [...ROWS.flatMap((row) => row.names.map((name) => fromRow(row, name))), ABS, NULLIF, ...ARITHMETIC].map((fn) => [fn.name, fn]),
);
