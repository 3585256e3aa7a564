/**
 * From the aggregates of a gate to the measures that its cells hold and the outputs that the release computes from them.
 * Measures are shared: sum(x), avg(x) and count(x) need one.
 */
import type { Measure, Output, Term } from '../../release/cells.ts';
import { countedBy } from '../../release/missing-values.ts';
import type { Moment } from '../../release/moments.ts';
import { canonicalColumn, canonicalExpr } from '../canonical.ts';
import { columnRef, conjunction, conjuncts, keyOf, type Bound } from '../expression.ts';
import type { Column, AggregateCall } from '../relation.ts';
import { decimal, isInteger } from '../types.ts';
import { asNumber, branchesOf, isNotTrue, isNull } from './branches.ts';
import { exactText, linear, sumText, type Linear } from './linear.ts';
import { magnitudeOf } from './magnitude.ts';
import { Nullability } from './nullability.ts';
import { staysExact } from './total.ts';

/** A measure with what the cell query computes it from. */
export interface PlannedMeasure {
  readonly measure: Measure;
  /** NULL where a row does not count; null where every row does. */
  readonly value: Bound | null;
  /** How `value` becomes a whole number of units of 10^-scale; null for `rows`. */
  readonly exact: ExactForm | null;
  readonly conditions: readonly Bound[];
  /** Every row has a value, by declaration: values are counted as rows. */
  readonly always: boolean;
  /** Nothing bounds its values enough for exact sums; or for rules of dominance, which see a bounded magnitude only. Such a query is refused. */
  readonly loose?: 'never' | 'under-dominance';
}

export type ExactForm =
  /** The number is one already: an integer, or a decimal whose digits are read without the point. */
  | { readonly kind: 'as-is' }
  /** The companion column of a stored double. */
  | { readonly kind: 'fixed'; readonly column: Column }
  /** A computed double, rounded to the grid. `wide`: it may be too large for sums of 128 bits, so its high part is added up by itself. */
  | { readonly kind: 'rounded'; readonly scale: number; readonly wide: boolean }
  /** The product of two numbers in units. `limbs`: they may be too large for a sum of 128 bits, so their upper and lower digits are multiplied apart. */
  | { readonly kind: 'product'; readonly factors: readonly [Factor, Factor]; readonly limbs: boolean };

export interface Factor {
  readonly value: Bound;
  readonly exact: Exclude<ExactForm, { readonly kind: 'product' }>;
  readonly scale: number;
}

/** Decimal digits that a computed double keeps. */
export const COMPUTED_SCALE = 15;
/** Up to this magnitude its units are added up as they are. */
const NARROW = 1e15;
/** … at least, where its squares are added up: of 64-bit units. */
const LEAST_SQUARED_SCALE = 6;
/** Decimal digits of such units. */
const SQUARED_DIGITS = 18;
/** Units of a factor up to which products are added up as they are: a square has 32 digits, and a sum of a million squares 38. */
export const MOST_UNITS = 10n ** 16n;

/** Digits of a stored decimal: it is never narrowed. */
const MOST_STORED_DIGITS = 18;

export class Measures {
  readonly planned: PlannedMeasure[] = [];
  readonly outputs: Output[] = [];
  readonly #byKey = new Map<string, number>();
  /** Companion columns by stored double, each made once. */
  readonly #fixed = new Map<Column, Column>();
  readonly #reach: (column: Column) => boolean;
  readonly #fixedColumn: (column: Column) => Column | null;
  readonly #neverNull: (column: Column) => boolean;
  readonly #nullability: Nullability;
  readonly #countsAreMagnitudes: boolean;
  /** By place among the outputs: the conditions of an average or a spread of stored values, apart from that there is one. */
  readonly #averages = new Map<number, readonly Bound[]>();

  /**
   * @param counts whether counts of rows stand under dominance: some unit may have many, and there is a rule
   * @param reach makes a column available to the cell query
   * @param fixedColumn the companion of a stored double
   * @param neverNull whether a column has a value in every row of the gate
   */
  constructor(counts: 'magnitudes' | 'units', reach: (column: Column) => boolean, fixedColumn: (column: Column) => Column | null, neverNull: (column: Column) => boolean) {
    this.#countsAreMagnitudes = counts === 'magnitudes';
    this.#reach = reach;
    this.#fixedColumn = fixedColumn;
    this.#neverNull = neverNull;
    this.#nullability = new Nullability(neverNull);
    // Every gate counts: a group is known by the units in it, whatever else is asked.
    this.units([]);
  }

  add(name: string, call: AggregateCall): void {
    const [arg] = call.args;
    const filter = call.filter === null ? [] : [call.filter];
    switch (call.fn.gate) {
      case 'count': {
        if (call.distinct) {
          if (arg?.kind !== 'column' || arg.column.from.kind !== 'unit') throw new Error('only units are counted distinctly');
          this.outputs.push({ name, type: call.type, statistic: 'count-units', unit: arg.column.from.unit, measure: this.units(this.#present(arg, filter)) });
          return;
        }
        this.outputs.push({ name, type: call.type, statistic: 'count', measure: this.rows(arg === undefined ? filter : this.#present(arg, filter)) });
        return;
      }
      case 'count-if': {
        if (arg === undefined) throw new Error('count_if has an argument');
        this.outputs.push({ name, type: call.type, statistic: 'count', measure: this.rows([...filter, arg]) });
        return;
      }
      case 'sum': case 'avg': {
        if (arg === undefined) throw new Error('a sum has an argument');
        this.#sum(name, call.fn.gate, call.type, arg.type === 'BOOLEAN' ? asNumber(arg, 'INTEGER') : arg, filter);
        return;
      }
      case 'stddev': case 'var': case 'covar': case 'corr': case 'regr': {
        this.#moment(name, MOMENT_OF[call.fn.name] ?? call.fn.name as Moment, call.args.map(uncast), filter);
        return;
      }
      case null: throw new Error('the vetter refuses what has no rule');
    }
  }

  /** Sums, squares and products over the rows that have all values. */
  #moment(name: string, of: Moment, [y, x]: readonly Bound[], filter: readonly Bound[]): void {
    if (y === undefined) throw new Error('a moment has an argument');
    const beside = (other: Bound | undefined): readonly Bound[] => (other === undefined ? filter : this.#present(other, filter));
    // A product is the same in either order.
    const [fy, fx] = [this.#factor(y), x === undefined ? null : this.#factor(x)];
    const one = (factor: Factor, other: Bound | undefined): number => this.#exactly(factor.value, factor.exact, factor.scale, beside(other));
    const two = (a: Factor, b: Factor, other: Bound | undefined): number => this.#exactly(a.value, { kind: 'product', factors: [a, b], limbs: ![a, b].every(isNarrow) }, a.scale + b.scale, beside(other));
    // Moments tell how many rows there are.
    if ([y, x].every((each) => each === undefined || isStored(each))) this.#averages.set(this.outputs.length, filter);
    const n = this.#countsAreMagnitudes ? this.rows(this.#present(y, beside(x))) : null;
    this.outputs.push({
      name, type: 'DOUBLE', statistic: 'moment', of, ...(n === null ? {} : { n }),
      y: one(fy, x), yy: two(fy, fy, x),
      x: fx === null ? null : one(fx, y), xx: fx === null ? null : two(fx, fx, y), xy: fx === null ? null : textOf(fx.value) < textOf(fy.value) ? two(fx, fy, y) : two(fy, fx, x),
    });
  }

  #factor(value: Bound): Factor {
    const form = this.#form(value, Math.min(COMPUTED_SCALE, SQUARED_DIGITS - Math.ceil(Math.log10(Math.max(1, magnitudeOf(value))))));
    return { value, ...form };
  }

  /** Σ over the branches of the expression, each a linear form with contributors of its own. */
  #sum(name: string, statistic: 'sum' | 'avg', type: string, arg: Bound, filter: readonly Bound[]): void {
    const branches = branchesOf(arg, this.#reach);
    if (branches === null) throw new Error('the vetter caps branches');
    const terms: Term[] = [];
    const values = branches.filter(({ value }) => !isNull(value));
    for (const { conditions, value } of values) terms.push(...this.#terms(value, [...filter, ...conditions]));
    const [only] = values;
    const [term] = terms;
    const single = values.length === 1 && terms.length === 1 && only !== undefined && term !== undefined && this.planned[term.measure]?.value !== null;
    // The sum of no value is NULL, and the average tells how many there are.
    const tells = statistic === 'avg' && this.#countsAreMagnitudes;
    const present = values.length === 1 && only !== undefined ? this.#valued(only.value, [...filter, ...only.conditions]) : branches.length === 1 ? filter : this.#present(arg, filter);
    const count = single && !tells ? term.measure : tells ? this.rows(present) : this.units(present);
    const isOfStored = values.every(({ value }) => this.#isOfStored(value)) && (values.length === 1 || values.some(({ value }) => this.#nullability.decidingOn(value).size > 0));
    if (statistic === 'avg' && only !== undefined && isOfStored) this.#averages.set(this.outputs.length, values.length === 1 ? [...filter, ...only.conditions] : filter);
    this.outputs.push({ name, type, statistic, terms: merged(terms), count });
  }

  /** Σ coefficient·measure of one branch. */
  #terms(value: Bound, conditions: readonly Bound[]): readonly Term[] {
    const parts = this.#linear(value);
    if (parts === null) return [{ coefficient: '1', measure: this.#column(value, conditions) }];
    const columns = [...parts.terms.keys()];
    const terms = columns.map((column): Term => {
      // A row counts only where every column of the expression has a value.
      const others = columns.filter((other) => other !== column).flatMap((other) => this.#present(columnRef(other), []));
      return { coefficient: exactText(parts.terms.get(column) ?? { units: 0n, scale: 0 }), measure: this.#column(columnRef(column), [...conditions, ...others]) };
    });
    return parts.constant.units === 0n ? terms : [...terms, { coefficient: exactText(parts.constant), measure: this.rows(this.#valued(value, conditions)) }];
  }

  /** Marks averages and spreads of stored values over fewer values than there may be rows (`release/missing-values.ts`). */
  markMissing(): void {
    for (const [i, conditions] of this.#averages) {
      const output = this.outputs[i];
      if (output?.statistic !== 'avg' && output?.statistic !== 'moment') continue;
      const counted = this.planned.find(({ measure }) => measure.id === countedBy(output));
      const isOfAll = counted?.always === true && textsOf(counted.conditions).join() === textsOf(conditions.flatMap(conjuncts)).join();
      if (!isOfAll) this.outputs[i] = { ...output, mayMiss: true };
    }
  }

  #isOfStored(value: Bound): boolean {
    const parts = this.#linear(value);
    return parts === null ? isStored(value) : [...parts.terms.keys()].every((column) => column.from.kind === 'stored');
  }

  /** What a per-unit aggregate computed from its rows is a column of the unit: where its parts cannot be reached it is measured as it is. */
  #linear(value: Bound): Linear | null {
    const parts = linear(value);
    return parts !== null && [...parts.terms.keys()].every(this.#reach) ? parts : null;
  }

  /** The condition that a branch has a value, beside others. */
  #valued(value: Bound, others: readonly Bound[]): readonly Bound[] {
    const parts = this.#linear(value);
    if (parts === null) return this.#present(value, others);
    return [...parts.terms.keys()].reduce<readonly Bound[]>((present, column) => this.#present(columnRef(column), present), others);
  }

  /** The condition that `arg` has a value, beside others; none where it always has. */
  #present(arg: Bound, others: readonly Bound[]): readonly Bound[] {
    const always = arg.kind === 'literal' ? arg.value !== null : arg.kind === 'column' && this.#neverNull(arg.column);
    return always ? others : [...others, { kind: 'is-not-null', arg, type: 'BOOLEAN', at: arg.at }];
  }

  /** The rows that meet all conditions: where a unit may have many, each adds how many it has. */
  rows(conditions: readonly Bound[]): number {
    return this.#counted(conditions, this.#countsAreMagnitudes);
  }

  /** The units that have such a row. */
  units(conditions: readonly Bound[]): number {
    return this.#counted(conditions, false);
  }

  #counted(conditions: readonly Bound[], magnitude: boolean): number {
    return this.#measure(magnitude ? 'rows' : 'units', conditions, (id, asked) => ({ measure: { id, of: { kind: 'rows' }, conditions: textsOf(asked), magnitude, ...this.#valuesOf(asked) }, value: null, exact: null, conditions: asked, always: true }));
  }

  /** What is left of a measure by one of the same values under more conditions: the rows of the whole that do not meet them. */
  rest(whole: PlannedMeasure, part: PlannedMeasure): number {
    const shared = new Set(whole.conditions.map(canonicalExpr));
    const more = conjunction(part.conditions.filter((condition) => !shared.has(canonicalExpr(condition))));
    if (more === null) throw new Error('a part is not its whole');
    const conditions = [...whole.conditions, isNotTrue(more)];
    const { value, exact, measure: { of } } = whole;
    return value === null || exact === null || of.kind === 'rows' ? this.#counted(conditions, whole.measure.magnitude) : this.#exactly(value, exact, of.scale, conditions);
  }

  #column(arg: Bound, conditions: readonly Bound[]): number {
    const { exact, scale } = this.#form(arg, COMPUTED_SCALE);
    return this.#exactly(arg, exact, scale, conditions);
  }

  /** How a value becomes a whole number of units. */
  #form(arg: Bound, computedScale: number): { readonly exact: Factor['exact']; readonly scale: number } {
    const stored = arg.kind === 'column' ? this.#companion(arg.column) : null;
    if (stored?.from.kind === 'fixed') return { exact: { kind: 'fixed', column: stored }, scale: stored.from.scale };
    if ((isInteger(arg.type) || decimal(arg.type) !== null) && staysExact(arg)) return { exact: { kind: 'as-is' }, scale: decimal(arg.type)?.scale ?? 0 };
    return { exact: { kind: 'rounded', scale: computedScale, wide: magnitudeOf(arg) > NARROW }, scale: computedScale };
  }

  #exactly(value: Bound, exact: ExactForm, scale: number, conditions: readonly Bound[]): number {
    const [column, key] = exact.kind === 'product'
      ? [exact.factors.map((factor) => textOf(factor.value)).join(' · '), exact.factors.map((factor) => keyOf(factor.value)).join(' · ')]
      : [textOf(value), `${keyOf(value)} ${exact.kind === 'rounded' ? exact.scale : ''}`];
    return this.#measure(key, conditions, (id, asked) => {
      const always = this.#hasAlways(value, exact);
      const measure: Measure = { id, of: { kind: 'column', column, scale }, conditions: textsOf(asked), magnitude: true, ...missingness(value, always), ...this.#valuesOf(asked, value), ...(exact.kind === 'product' ? { degree: 2 } : exact.kind === 'rounded' ? {} : { unrounded: true }) };
      return { measure, value, exact, conditions: asked, always, ...looseness(exact) };
    });
  }

  /** @param value none: rows are counted */
  #valuesOf(conditions: readonly Bound[], value?: Bound): Pick<Measure, 'valuesOf'> {
    const asked = this.#nullability.askedFor(conditions);
    const columns = value === undefined ? asked : asked.union(this.#nullability.decidingOn(value));
    return columns.size === 0 ? {} : { valuesOf: [...columns].sort() };
  }

  /** A value that is read as it is stored is missing where the stored one is. */
  #hasAlways(value: Bound, exact: ExactForm): boolean {
    const asStored = exact.kind === 'fixed' || (exact.kind === 'as-is' && (isInteger(value.type) || (decimal(value.type)?.width ?? MOST_STORED_DIGITS + 1) <= MOST_STORED_DIGITS));
    return asStored && value.kind === 'column' && this.#neverNull(value.column);
  }

  #companion(column: Column): Column | null {
    const known = this.#fixed.get(column);
    if (known !== undefined) return known;
    const made = this.#fixedColumn(column);
    if (made !== null) this.#fixed.set(column, made);
    return made;
  }

  #measure(value: string, conditions: readonly Bound[], make: (id: number, asked: readonly Bound[]) => PlannedMeasure): number {
    const asked = conditions.flatMap(conjuncts);
    // By identity: the canonical text does not tell the two sides of a self-join apart.
    const key = `${value} if ${[...new Set(asked.map(keyOf))].sort().join(' and ')}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.planned.length;
    this.planned.push(make(id, asked));
    this.#byKey.set(key, id);
    return id;
  }
}

function isNarrow({ value, scale }: Factor): boolean {
  return magnitudeOf(value) * 10 ** scale <= Number(MOST_UNITS);
}

const isStored = (value: Bound): boolean => value.kind === 'column' && value.column.from.kind === 'stored';

function missingness(value: Bound, always: boolean): Pick<Measure, 'missing'> {
  if (always) return { missing: 'none' };
  return isStored(value) ? { missing: 'as-stored' } : {};
}

function looseness(exact: ExactForm): Pick<PlannedMeasure, 'loose'> {
  if (exact.kind !== 'product') return {};
  if (exact.factors.some((factor) => factor.exact.kind === 'rounded' && factor.scale < LEAST_SQUARED_SCALE)) return { loose: 'never' };
  return exact.limbs ? { loose: 'under-dominance' } : {};
}

const MOMENT_OF: Readonly<Record<string, Moment>> = { stddev: 'stddev_samp', variance: 'var_samp' };

/** The number that was cast to DOUBLE for the statistic. */
const uncast = (arg: Bound): Bound => (arg.kind === 'cast' && arg.type === 'DOUBLE' && (isInteger(arg.arg.type) || decimal(arg.arg.type) !== null) ? arg.arg : arg);

const textOf = (arg: Bound): string => (arg.kind === 'column' ? canonicalColumn(arg.column) : canonicalExpr(arg));

const textsOf = (conditions: readonly Bound[]): readonly string[] => [...new Set(conditions.map(canonicalExpr))].sort();

/** Terms of the same measure are one. */
function merged(terms: readonly Term[]): readonly Term[] {
  const by = Map.groupBy(terms, ({ measure }) => measure);
  return [...by].map(([measure, same]) => ({ measure, coefficient: same.length === 1 ? (same[0]?.coefficient ?? '0') : sumText(same.map(({ coefficient }) => coefficient)) }));
}
