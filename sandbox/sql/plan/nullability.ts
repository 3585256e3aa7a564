/**
 * Which stored columns decide whether an expression has a value, however it is written. For the ledger: how many values `income`, `income + 0 * wealth` and
 * `CASE WHEN sex = 'F' THEN income ELSE income END` have is told about the same people.
 */
import { canonicalColumn } from '../canonical.ts';
import { callParts, columnRef, columnsIn, keyOf, partsOf, windowParts, type Bound } from '../expression.ts';
import type { Column } from '../relation.ts';
import { branchesOf, isNull, type Branch } from './branches.ts';

/** Canonical texts of columns. */
export type Deciding = ReadonlySet<string>;

const NONE: Deciding = new Set();

export class Nullability {
  readonly #neverNull: (column: Column) => boolean;
  /** Each column once, however often it is read. */
  readonly #known = new Map<Column, Deciding>();

  /** @param neverNull whether a column has a value in every row */
  constructor(neverNull: (column: Column) => boolean) {
    this.#neverNull = neverNull;
  }

  /** Empty where the expression always has a value, or none of a column decides. Too many rather than too few: not every function is NULL where a part of it is. */
  decidingOn(expr: Bound): Deciding {
    switch (expr.kind) {
      case 'column': return this.#ofColumn(expr.column);
      case 'literal': case 'is-null': case 'is-not-null': return NONE;
      case 'compare': return expr.op.startsWith('IS ') ? NONE : this.#ofAll(partsOf(expr));
      case 'case': case 'coalesce': return this.#ofBranches(expr);
      case 'call': return expr.fn.name === 'nullif' ? this.#ofBranches(expr) : this.#ofAll(expr.args);
      default: return this.#ofAll(partsOf(expr));
    }
  }

  /** Of a row that is asked to meet conditions: what they ask to be there. Their other parts say which rows are counted, not which values are missing. */
  askedFor(conditions: readonly Bound[]): Deciding {
    return this.#ofAll(conditions.flatMap(presentIn));
  }

  #ofAll(parts: readonly Bound[]): Deciding {
    return parts.reduce((all, part) => all.union(this.decidingOn(part)), NONE);
  }

  #ofColumn(column: Column): Deciding {
    const known = this.#known.get(column);
    if (known !== undefined) return known;
    const made = this.#neverNull(column) ? NONE : this.#byOrigin(column);
    this.#known.set(column, made);
    return made;
  }

  #byOrigin(column: Column): Deciding {
    const { from } = column;
    switch (from.kind) {
      case 'computed': return this.decidingOn(from.expr);
      case 'aggregate': return from.call.fn.gate === 'count' || from.call.fn.gate === 'count-if' ? NONE : this.#ofAll(callParts(from.call));
      case 'window': return this.#ofAll(windowParts(from.call));
      case 'combined': return this.#ofAll(from.parts.map((part) => columnRef(part)));
      case 'lookup': return this.#ofColumn(from.column);
      case 'constant': return NONE;
      default: return new Set([canonicalColumn(column)]);
    }
  }

  /** Where some row has no value, what chooses the branch decides as well. */
  #ofBranches(expr: Bound): Deciding {
    const branches = branchesOf(expr);
    if (branches === null) return this.#read([expr]);
    const missing = branches.reduce((all, branch) => all.union(this.#ofBranch(branch)), NONE);
    const isSome = missing.size > 0 || branches.some(({ value }) => isNull(value));
    return isSome ? missing.union(this.#read(branches.flatMap(({ conditions }) => conditions))) : NONE;
  }

  #ofBranch({ conditions, value }: Branch): Deciding {
    const present = conditions.flatMap(presentIn);
    if (present.some((arg) => keyOf(arg) === keyOf(value))) return NONE;
    const stored = present.flatMap((arg) => (arg.kind === 'column' && arg.column.from.kind === 'stored' ? [canonicalColumn(arg.column)] : []));
    return this.decidingOn(value).difference(new Set(stored));
  }

  #read(exprs: readonly Bound[]): Deciding {
    return this.#ofAll(exprs.flatMap((expr) => [...columnsIn(expr)].map((column) => columnRef(column))));
  }
}

/** What a condition that holds asks to be there. */
function presentIn(condition: Bound): readonly Bound[] {
  switch (condition.kind) {
    case 'is-not-null': return [condition.arg];
    case 'not': return condition.arg.kind === 'is-null' ? [condition.arg.arg] : [];
    // Of a branch that is passed over (`isNotTrue`).
    case 'compare': return condition.op === 'IS DISTINCT FROM' && condition.left.kind === 'is-null' && condition.right.kind === 'literal' && condition.right.value === 'true' ? [condition.left.arg] : [];
    case 'and': return condition.args.flatMap(presentIn);
    default: return [];
  }
}
