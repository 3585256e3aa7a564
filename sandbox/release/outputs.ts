/** The value columns of a gate's table, computed exactly from its published cells; NULL and flagged where anything they need is withheld. */
import { assertNever } from '#contract/result.ts';
import type { ResultType, Value } from '#contract/table.ts';
import type { GateSpec, Output } from './cells.ts';
import type { DecidedRow } from './decide.ts';
import type { Published, PublishedRow } from './publish.ts';
import { moment } from './moments.ts';
import { add, formatUnits, multiply, parseExact, quotientToDouble, rescale, toDouble, ZERO } from './exact.ts';
import type { Exact } from './exact.ts';

export interface OutputValue {
  readonly value: Value;
  readonly withheld: boolean;
}

const WITHHELD: OutputValue = { value: null, withheld: true };

export function outputValue(spec: GateSpec, output: Output, row: PublishedRow): OutputValue {
  return isWithheld(spec, output, row) ? WITHHELD : { value: computed(spec, output, row), withheld: false };
}

/** One place for what an output is computed from: if any of it is withheld, so is the output. */
export function isWithheld(spec: GateSpec, output: Output, row: DecidedRow): boolean {
  switch (output.statistic) {
    case 'count': return withheldOf(spec, row, output.measure).count;
    case 'count-units': return withheldOf(spec, row, output.measure).count;
    case 'sum':
    case 'avg':
      return withheldOf(spec, row, output.count).count || output.terms.some((term) => withheldOf(spec, row, term.measure).total);
    case 'moment':
      return withheldOf(spec, row, output.n ?? output.y).count || [output.y, output.yy, output.x, output.xx, output.xy].some((measure) => measure !== null && withheldOf(spec, row, measure).total);
    default: return assertNever(output);
  }
}

function computed(spec: GateSpec, output: Output, row: PublishedRow): Value {
  switch (output.statistic) {
    case 'count': return wireForm(output.type, { units: publishedOf(spec, row, output.measure).count, scale: 0 });
    case 'count-units': {
      const units = publishedOf(spec, row, output.measure).units[output.unit];
      if (units === undefined || !('exact' in units)) throw new Error('a released count of units must be exact');
      return wireForm(output.type, { units: units.exact, scale: 0 });
    }
    case 'sum': {
      return publishedOf(spec, row, output.count).count <= 0n ? null : wireForm(output.type, linear(spec, output.terms, row));
    }
    case 'avg': {
      const { count } = publishedOf(spec, row, output.count);
      if (count <= 0n) return null;
      if (output.type !== 'DOUBLE') throw new Error('an average is a DOUBLE');
      return quotientToDouble(linear(spec, output.terms, row), count);
    }
    case 'moment': {
      const sum = (measure: number): Exact => linear(spec, [{ coefficient: '1', measure }], row);
      const of = (measure: number | null): Exact | null => (measure === null ? null : sum(measure));
      return moment(output.of, { n: publishedOf(spec, row, output.n ?? output.y).count, y: sum(output.y), yy: sum(output.yy), x: of(output.x), xx: of(output.xx), xy: of(output.xy) });
    }
    default: return assertNever(output);
  }
}

/** Σ coefficient·measure. */
function linear(spec: GateSpec, terms: readonly { readonly coefficient: string; readonly measure: number }[], row: PublishedRow): Exact {
  return terms.reduce((total, { coefficient, measure }) => {
    const { of } = spec.measures[indexOf(spec, measure)] ?? missing();
    const sum: Exact = { units: publishedOf(spec, row, measure).total, scale: of.kind === 'column' ? of.scale : 0 };
    return add(total, multiply(parseExact(coefficient), sum));
  }, ZERO);
}

/** As `contract/table.ts` writes a value of the type; a number too large for the type is a bug of the planner. */
export function wireForm(type: ResultType, exact: Exact): Value {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) {
    const scale = Number(decimal[2]);
    const units = rescale(exact, scale);
    if ((units < 0n ? -units : units) >= 10n ** BigInt(decimal[1] ?? 0)) throw new Error('a sum does not fit its type');
    return formatUnits(units, scale);
  }
  if (type === 'DOUBLE') return toDouble(exact);
  const bits = { TINYINT: 8, SMALLINT: 16, INTEGER: 32, BIGINT: 64, HUGEINT: 128 }[type];
  if (bits === undefined) throw new Error('not a type of a count, sum or average');
  const units = rescale(exact, 0);
  if (BigInt.asIntN(bits, units) !== units) throw new Error('a sum does not fit its type');
  return bits > 32 ? units.toString() : Number(units);
}

function publishedOf(spec: GateSpec, row: PublishedRow, measure: number): Published {
  return row.published[indexOf(spec, measure)] ?? missing();
}

function withheldOf(spec: GateSpec, row: DecidedRow, measure: number) {
  return row.withheld[indexOf(spec, measure)] ?? missing();
}

function indexOf(spec: GateSpec, measure: number): number {
  return spec.measures.findIndex(({ id }) => id === measure);
}

function missing(): never {
  throw new Error('an output names a measure that its gate does not have');
}
