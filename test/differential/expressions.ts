/** Expressions of a wanted type over the columns in scope. Below the gate only functions that may stand there. */
import { SCALARS } from '#sandbox/sql/functions/scalars.ts';
import { LITERALS, SIGNATURES, type Signature, type Slot, type T } from './scalars.ts';
import type { Tape } from './tape.ts';

export interface ScopeColumn {
  readonly sql: string;
  readonly type: T;
}

export interface Scope {
  readonly columns: readonly ScopeColumn[];
  readonly below: boolean;
  /** A function that is to be used wherever it fits, until it is. */
  readonly focus: Focus | null;
}

/** What must occur in the next query; taken off when it does. */
export interface Focus {
  readonly name: string;
  used: boolean;
}

const COMPARED: readonly T[] = ['int', 'dec', 'txt', 'date', 'bool', 'dbl', 'ts'];
const OPERATORS = ['=', '<', '>=', '<>', '<=', '>', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'];

/** SQL of an expression of that type. `depth`: how many levels of calls at most. */
export function expression(tape: Tape, scope: Scope, type: T, depth: number): string {
  const focused = scope.focus !== null && !scope.focus.used ? callsOf(type, scope).filter(([name]) => name === scope.focus?.name) : [];
  if (focused.length > 0 && depth > 0) return call(tape, scope, focused, depth);
  const simple = (): string => {
    const columns = scope.columns.filter((column) => column.type === type);
    return columns.length === 0 || tape.once(6) ? tape.pick(LITERALS[type]) : tape.pick(columns).sql;
  };
  if (type === 'near') return near(tape, scope, depth);
  if (depth <= 0) return simple();
  switch (tape.below(type === 'bool' ? 6 : 5)) {
    case 0: return simple();
    case 1: return simple();
    case 2: return call(tape, scope, callsOf(type, scope), depth);
    case 3: return call(tape, scope, callsOf(type, scope), depth);
    case 4: return general(tape, scope, type, depth);
    default: return `(${predicate(tape, scope, depth)})`;
  }
}

function callsOf(type: T, scope: Scope): readonly (readonly [string, Signature])[] {
  return [...SIGNATURES].flatMap(([name, signatures]) => {
    const fn = SCALARS.get(name);
    if (fn === undefined || (scope.below && fn.below === 'above')) return [];
    return signatures.filter(({ result }) => result === type).map((signature) => [name, signature] as const);
  });
}

function call(tape: Tape, scope: Scope, from: readonly (readonly [string, Signature])[], depth: number): string {
  if (from.length === 0) return tape.pick(LITERALS.interval);
  const [name, { args, form }] = tape.pick(from);
  if (scope.focus?.name === name) scope.focus.used = true;
  const written = args.map((slot) => argument(tape, scope, slot, depth - 1));
  return form === undefined ? `${name}(${written.join(', ')})` : form.replace(/\$(\d)/g, (_, i: string) => written[Number(i) - 1] ?? '');
}

function argument(tape: Tape, scope: Scope, slot: Slot, depth: number): string {
  if (typeof slot === 'string') return expression(tape, scope, slot, depth);
  return 'as' in slot ? slot.as.replace('#', expression(tape, scope, slot.of, depth)) : tape.pick(slot);
}

/** Forms that every type has. */
function general(tape: Tape, scope: Scope, type: T, depth: number): string {
  const part = (): string => expression(tape, scope, type, depth - 1);
  switch (tape.below(4)) {
    case 0: return `CASE WHEN ${predicate(tape, scope, depth - 1)} THEN ${part()} ELSE ${part()} END`;
    case 1: return `coalesce(${part()}, ${part()})`;
    case 2: return `CASE WHEN ${predicate(tape, scope, depth - 1)} THEN ${part()} WHEN ${predicate(tape, scope, 0)} THEN ${part()} END`;
    default: return cast(tape, scope, type, depth);
  }
}

function cast(tape: Tape, scope: Scope, type: T, depth: number): string {
  const of = (inner: T): string => expression(tape, scope, inner, depth - 1);
  switch (type) {
    case 'int': return tape.pick([() => `CAST(${of('bool')} AS INTEGER)`, () => `TRY_CAST(${of('txt')} AS INTEGER)`, () => `CAST(${of('dec')} AS BIGINT)`])();
    case 'dec': return `TRY_CAST(${of('txt')} AS DECIMAL(12,2))`;
    case 'dbl': case 'near': return tape.pick([() => `CAST(${of('int')} AS DOUBLE)`, () => `CAST(${of('dec')} AS DOUBLE)`])();
    case 'txt': return tape.pick([() => `CAST(${of('int')} AS VARCHAR)`, () => `CAST(${of('date')} AS VARCHAR)`, () => `CAST(${of('bool')} AS VARCHAR)`, () => `CAST(${of('dec')} AS VARCHAR)`])();
    case 'bool': return `(${of('int')} = 1)`;
    case 'date': return tape.pick([() => `CAST(${of('ts')} AS DATE)`, () => `TRY_CAST(${of('txt')} AS DATE)`])();
    case 'ts': return `CAST(${of('date')} AS TIMESTAMP)`;
    case 'interval': return tape.pick(LITERALS.interval);
  }
}

/** A condition. */
export function predicate(tape: Tape, scope: Scope, depth: number): string {
  if (scope.focus !== null && !scope.focus.used && depth > 0 && callsOf('bool', scope).some(([name]) => name === scope.focus?.name)) return expression(tape, scope, 'bool', depth);
  const present = COMPARED.filter((wanted) => scope.columns.some((column) => column.type === wanted));
  if (present.length === 0) return 'true';
  const type = tape.pick(present);
  const part = (level = depth - 1): string => expression(tape, scope, type, level);
  switch (tape.below(depth > 0 ? 9 : 6)) {
    case 0: return `${part()} ${tape.pick(OPERATORS)} ${tape.pick(LITERALS[type])}`;
    case 1: return `${part()} IS NOT NULL`;
    case 2: return `${part()} ${tape.pick(['BETWEEN', 'NOT BETWEEN'])} ${tape.pick(LITERALS[type])} AND ${part(0)}`;
    case 3: return `${part()} ${tape.pick(['IN', 'NOT IN'])} (${tape.times(1, 3, () => tape.pick(LITERALS[type])).join(', ')})`;
    case 4: return `${part()} ${tape.pick(OPERATORS)} ${part(0)}`;
    case 5: return `${part()} IS NULL`;
    case 6: return `(${predicate(tape, scope, depth - 1)} AND ${predicate(tape, scope, depth - 1)})`;
    case 7: return `(${predicate(tape, scope, depth - 1)} OR ${predicate(tape, scope, depth - 1)})`;
    default: return `NOT (${predicate(tape, scope, depth - 1)})`;
  }
}

/** Only forms that keep a small relative error small. */
function near(tape: Tape, scope: Scope, depth: number): string {
  const columns = scope.columns.filter(({ type }) => type === 'near');
  const simple = columns.length === 0 ? tape.pick(LITERALS.near) : tape.pick(columns).sql;
  if (depth <= 0) return simple;
  switch (tape.below(6)) {
    case 1: return `(${simple} * ${tape.pick(['100', '2', '0.5'])})`;
    case 2: return `abs(${simple})`;
    case 3: return `coalesce(${simple}, 0)`;
    case 4: return `(${simple} / ${tape.pick(['2', '7'])})`;
    case 5: return `CASE WHEN ${predicate(tape, scope, depth - 1)} THEN ${simple} END`;
    default: return simple;
  }
}
