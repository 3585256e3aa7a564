/** The canonical order of rows: by value of each column in turn, NULL last. It depends on nothing but the rows. */
import type { ResultType, Value } from '#contract/table.ts';
import { add, parseExact } from './exact.ts';

export function compareRows(types: readonly ResultType[]): (a: readonly Value[], b: readonly Value[]) => number {
  const comparisons = types.map(compareValues);
  return (a, b) => {
    for (const [i, compare] of comparisons.entries()) {
      const order = compare(a[i] ?? null, b[i] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compareValues(type: ResultType): (a: Value, b: Value) => number {
  const compare = /^(BIGINT|HUGEINT|UBIGINT|UHUGEINT|DECIMAL)/.test(type) ? compareDecimals : comparePlain;
  return (a, b) => (a === null || b === null ? Number(a === null) - Number(b === null) : compare(a, b));
}

function compareDecimals(a: Value, b: Value): number {
  const negated = parseExact(String(b));
  const difference = add(parseExact(String(a)), { units: -negated.units, scale: negated.scale }).units;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Numbers by value; text by code points; numbers before the text that stands for a non-finite number. */
function comparePlain(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return typeof a === 'number' ? -1 : 1;
}

/** UTF-16 order differs from code point order only where surrogates meet the range above them. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
  }
  return a.length - b.length;
}
