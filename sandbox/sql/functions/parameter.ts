/** Kinds of argument, and the cast that brings one to the kind; as DuckDB resolves overloads, but without guessing. */
import type { Bound } from '../expression.ts';
import { isInteger, isNumber, isTemporal, type Type } from '../types.ts';

/**
 * `word`: a text literal that chooses what the function does, like `'month'`; never computed. `length` and `pattern`: literals that say how
 * long a text becomes, so a few characters could ask for gigabytes: at most `MOST_LENGTH`.
 */
export type Parameter = 'any' | 'text' | 'integer' | 'number' | 'double' | 'boolean' | 'moment' | 'timestamp' | 'word' | 'length' | 'pattern' | 'text-of' | 'interval';

/** The argument with its implicit cast written out; null where the kind does not fit. */
export function coerce(arg: Bound, parameter: Parameter): Bound | null {
  switch (parameter) {
    case 'any': return arg;
    case 'text': return only(arg, arg.type === 'VARCHAR', 'VARCHAR');
    case 'text-of': return arg.type === 'VARCHAR' ? arg : cast(arg, 'VARCHAR');
    case 'integer': return only(arg, isInteger(arg.type), 'BIGINT');
    case 'number': return only(arg, isNumber(arg.type), 'DOUBLE');
    case 'double': return arg.type === 'DOUBLE' ? arg : isNumber(arg.type) || arg.type === 'NULL' ? cast(arg, 'DOUBLE') : null;
    case 'boolean': return only(arg, arg.type === 'BOOLEAN', 'BOOLEAN');
    case 'moment': return isTextLiteral(arg) ? cast(arg, momentOf(arg.value)) : only(arg, isTemporal(arg.type), 'TIMESTAMP');
    case 'timestamp': return isTextLiteral(arg) || arg.type === 'DATE' ? cast(arg, 'TIMESTAMP') : only(arg, isTemporal(arg.type), 'TIMESTAMP');
    case 'interval': return only(arg, arg.type === 'INTERVAL', 'INTERVAL');
    case 'word': return isTextLiteral(arg) ? arg : null;
    case 'length': return isInteger(arg.type) && literalLength(arg) ? arg : null;
    case 'pattern': return isTextLiteral(arg) && isShortPattern(arg.value) ? arg : null;
  }
}

/** Characters. */
const MOST_LENGTH = 1_000;

function literalLength(arg: Bound): boolean {
  if (arg.kind === 'cast') return literalLength(arg.arg);
  return arg.kind === 'literal' && arg.value !== null && Number(arg.value) <= MOST_LENGTH;
}

/** Widths and precisions are written out and small: `%*d` and `{:{}}` take them from an argument. */
const isShortPattern = (pattern: string): boolean => !/%[^a-z%]*\*|\{[^}]*\{/i.test(pattern) && [...pattern.matchAll(/\d+/g)].every(([digits]) => Number(digits) <= MOST_LENGTH);

const only = (arg: Bound, fits: boolean, untyped: Type): Bound | null => (fits ? arg : arg.type === 'NULL' ? cast(arg, untyped) : null);

export const cast = (arg: Bound, type: Type): Bound => (arg.type === type ? arg : { kind: 'cast', arg, try: false, type, at: arg.at });

export const isTextLiteral = (arg: Bound): arg is Bound & { readonly kind: 'literal'; readonly value: string } =>
  arg.kind === 'literal' && arg.type === 'VARCHAR' && arg.value !== null;

const momentOf = (text: string): Type => (/^\s*\d+-\d+-\d+\s*$/.test(text) ? 'DATE' : 'TIMESTAMP');
