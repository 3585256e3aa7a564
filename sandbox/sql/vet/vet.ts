/** A gate against the policies: units, columns by use, the grid, joins, measures, functions. All problems are reported. */
import { text, type Text } from '#contract/text.ts';
import type { Policy, Statistic } from '#contract/policy.ts';
import type { Catalog } from '../catalog.ts';
import { callParts, columnsIn, partsOf, type Bound } from '../expression.ts';
import { inputsOf } from '../bind/hoist.ts';
import { branchesOf, isNull, MOST_BRANCHES } from '../plan/branches.ts';
import { linear } from '../plan/linear.ts';
import type { Refusals } from '../refusals.ts';
import type { AggregateCall, Column, Relation } from '../relation.ts';
import type { Gate, Windows } from '../split/gates.ts';
import { isNumber } from '../types.ts';
import { checkFunctions } from './functions.ts';
import { tooFine } from './grid-proof.ts';
import { mixtures, repetitions } from './multiplicity.ts';
import { isPresentWithColumns } from './presence.ts';
import { isLink, releasedColumns, storedColumns, usesOf, type Use } from './uses.ts';

export interface VettedGate {
  readonly gate: Gate;
  /** Datasets whose protected tables the gate reads. */
  readonly datasets: readonly string[];
  /** `dataset.table.column` with what it is used for. */
  readonly columns: readonly { readonly column: string; readonly uses: readonly Use[] }[];
}

export function vetGate(catalog: Catalog, gate: Gate, refusals: Refusals): VettedGate {
  const released = releasedColumns(gate.input);
  const datasets = [...protectedDatasets(gate.input)].sort();
  const vetter = new Vetter(catalog, gate, refusals, released, datasets);
  vetter.units();
  for (const { use, expr } of usesOf(gate)) {
    if (use === 'group' && expr === gate.values?.expr) vetter.values(expr, gate.values.statistics);
    else if (use === 'filter' || use === 'group') vetter.grid(expr, use);
    if (use === 'join') vetter.join(expr);
  }
  if (gate.windows !== null) vetter.windows(gate.windows);
  else for (const { call } of gate.aggregates) vetter.statistic(call);
  vetter.aggregatesBelow(gate.input);
  vetter.multiplicity();
  vetter.mixed(gate.input, gate.aggregates.map(({ call }) => call));
  checkFunctions(gate, refusals);
  return { gate, datasets, columns: usedColumns(gate, released) };
}

function protectedDatasets(relation: Relation): Set<string> {
  const found = new Set<string>();
  const visit = (node: Relation): void => {
    if (node.kind === 'scan' && node.table.units.length > 0) found.add(node.table.dataset);
    inputsOf(node).forEach(visit);
  };
  visit(relation);
  return found;
}

function usedColumns(gate: Gate, released: ReadonlySet<Column>): VettedGate['columns'] {
  const uses = new Map<string, Set<Use>>();
  for (const { use, expr } of usesOf(gate)) {
    for (const { from, name } of storedColumns(expr, released)) {
      const path = from.kind === 'stored' ? from.column.source : from.kind === 'unit' ? `${from.table.dataset}.${from.table.name}.${name}` : null;
      if (path !== null) uses.set(path, (uses.get(path) ?? new Set()).add(use));
    }
  }
  return [...uses].map(([column, of]) => ({ column, uses: [...of].sort() })).sort((a, b) => (a.column < b.column ? -1 : 1));
}

class Vetter {
  readonly #catalog: Catalog;
  readonly #gate: Gate;
  readonly #refusals: Refusals;
  readonly #released: ReadonlySet<Column>;
  readonly #datasets: readonly string[];

  constructor(catalog: Catalog, gate: Gate, refusals: Refusals, released: ReadonlySet<Column>, datasets: readonly string[]) {
    this.#catalog = catalog;
    this.#gate = gate;
    this.#refusals = refusals;
    this.#released = released;
    this.#datasets = datasets;
  }

  /** Every kind of unit that the gate touches has a rule in every policy that speaks about it. */
  units(): void {
    for (const dataset of this.#datasets) {
      const policy = this.#policy(dataset);
      for (const { kind } of this.#gate.units) {
        if (policy.statistics.units[kind] !== undefined) continue;
        if (this.#datasets.some((other) => other !== dataset && this.#policy(other).statistics.units[kind] !== undefined)) continue;
        this.#refusals.add('unit/no-rule', this.#gate.at, { unit: kind }, { clause: clause(policy, `statistics.units.${kind}`) });
      }
    }
  }

  grid(expr: Bound, use: 'filter' | 'group'): void {
    const column = tooFine(expr, this.#released);
    if (column === null) return;
    const { policy, path, suggestion } = this.#about(column);
    if (policy === null || policy.statistics.dimensions === 'any') return;
    this.#refusals.add(use === 'filter' ? 'grid/filter' : 'grid/group', positionOf(expr, column) ?? expr.at ?? this.#gate.at, { name: column.name }, { clause: clause(policy, `statistics.dimensions${path === null ? '' : `.${path}`}`), suggestion });
  }

  /** Values that are a key, seen by nothing but the statistics asked of them: on the grid, or only counted, where the policy lists that. */
  values(expr: Bound, statistics: readonly Statistic[]): void {
    const column = tooFine(expr, this.#released);
    const policy = column === null ? null : this.#about(column).policy;
    if (policy === null || policy.statistics.dimensions === 'any') return;
    const before = this.#refusals.count;
    for (const own of storedColumns(expr, this.#released)) for (const statistic of statistics) this.#listed(own, statistic, expr.at ?? this.#gate.at);
    const counted = expr.kind === 'column' && statistics.every((statistic) => statistic === 'count-distinct');
    if (!counted && this.#refusals.count === before) this.grid(expr, 'group');
  }

  /** One value for each unit, of a column itself: what is ranked decides who is in a window. */
  windows({ value, statistics }: Windows): void {
    const several = this.#gate.bounds.filter(({ rows }) => rows !== 1).map(({ kind }) => kind);
    if (several.length > 0) this.#refusals.add('gate/several-values', value.at ?? this.#gate.at, { units: several.join(', ') });
    if (value.kind !== 'column' || !this.#isOwn(value.column)) this.#refusals.add('gate/not-linear', value.at ?? this.#gate.at, {});
    for (const dataset of this.#datasets) {
      const policy = this.#catalog.policies.get(dataset);
      if (policy !== undefined && policy.statistics.mechanism.kind !== 'suppress') this.#refusals.add('gate/window-noise', value.at ?? this.#gate.at, { mechanism: policy.statistics.mechanism.kind }, { clause: clause(policy, 'statistics.mechanism') });
    }
    for (const column of storedColumns(value, this.#released)) for (const statistic of statistics) this.#listed(column, statistic, value.at ?? this.#gate.at);
  }

  /** Protected tables meet on units and keys that the policy lists; whatever else is equated or compared is a condition on rows. */
  join(expr: Bound): void {
    if (isLink(expr) && expr.kind === 'compare' && expr.left.kind === 'column' && expr.right.kind === 'column') {
      const [left, right] = [expr.left.column, expr.right.column].map((column) => protectedPath(column, this.#released));
      if (left !== undefined && right !== undefined && left !== null && right !== null && this.#isSameUnit(expr.left.column, expr.right.column)) {
        this.#joinOfProtected(left, right, expr);
        return;
      }
    }
    if (this.#isListed(expr)) return;
    const column = tooFine(expr, this.#released);
    if (column === null) return;
    const { policy, path, suggestion } = this.#about(column);
    if (policy === null || policy.statistics.dimensions === 'any') return;
    this.#refusals.add('grid/join', positionOf(expr, column) ?? expr.at ?? this.#gate.at, { name: column.name }, { clause: clause(policy, `statistics.dimensions${path === null ? '' : `.${path}`}`), suggestion });
  }

  /** Both are units of a kind, or keys of the same rows. */
  #isSameUnit(a: Column, b: Column): boolean {
    if (a.from.kind === 'unit' || b.from.kind === 'unit') return a.from.kind === b.from.kind;
    const [x, y] = [a, b].map(({ from }) => (from.kind === 'stored' && from.column.identity?.kind === 'key' ? `${from.table.dataset}.${from.column.identity.of}` : null));
    return x !== null && x === y;
  }

  #joinOfProtected(left: Path, right: Path, expr: Bound): void {
    if (left.table === right.table && left.dataset === right.dataset && left.column === right.column) return;
    for (const dataset of new Set([left.dataset, right.dataset])) {
      const policy = this.#policy(dataset);
      const { joins } = policy.statistics;
      const [a, b] = [`${left.table}.${left.column}`, `${right.table}.${right.column}`];
      if (joins === 'any' || lists(joins, a, b)) continue;
      this.#refusals.add('join/not-listed', expr.at ?? this.#gate.at, { left: a, right: b }, { clause: clause(policy, 'statistics.joins'), suggestion: joins.length === 0 ? null : text(`Listed: ${joins.map((pair) => pair.join(' = ')).join('; ')}.`, `已列出:${joins.map((pair) => pair.join(' = ')).join('; ')}。`) });
    }
  }

  /** A pair that the policy lists may be equated however fine its columns are. */
  #isListed(expr: Bound): boolean {
    if (!isLink(expr) || expr.kind !== 'compare' || expr.left.kind !== 'column' || expr.right.kind !== 'column') return false;
    const [a, b] = [expr.left.column, expr.right.column].map((column) => (this.#released.has(column) ? null : storedPath(column)));
    if (a === undefined || b === undefined || a === null || b === null || a.table === b.table) return false;
    const { joins } = this.#policy(a.dataset).statistics;
    return joins === 'any' || lists(joins, `${a.table}.${a.column}`, `${b.table}.${b.column}`);
  }

  /** Rows of protected parties are not repeated unevenly. */
  multiplicity(): void {
    const policy = this.#datasets.map((dataset) => this.#policy(dataset)).find(({ statistics }) => statistics.dimensions !== 'any');
    if (policy === undefined) return;
    for (const { kind, at } of repetitions(this.#gate.input)) this.#refusals.add(kind === 'join' ? 'join/repeats' : 'gate/repeats', at ?? this.#gate.at, {}, { clause: clause(policy, 'statistics.dimensions') });
  }

  /** What is counted or added up has a value in matched rows only, or only where there is none. */
  mixed(relation: Relation, calls: readonly AggregateCall[]): void {
    const policy = this.#datasets.map((dataset) => this.#policy(dataset)).find(({ statistics }) => statistics.dimensions !== 'any');
    if (policy === undefined) return;
    for (const { optional } of mixtures(relation)) {
      for (const call of calls) {
        const [arg] = call.args;
        const countsUnits = call.distinct && arg?.kind === 'column' && arg.column.from.kind === 'unit';
        if (countsUnits || (call.filter !== null && tellsMatch(call.filter, optional))) continue;
        const branches = arg === undefined ? null : call.fn.gate === 'count-if' ? [{ conditions: [arg], value: arg }] : branchesOf(arg);
        if (branches?.every(({ conditions, value }) => isNull(value) || isZero(value) || readsAny(value, optional) || conditions.some((condition) => tellsMatch(condition, optional))) === true) continue;
        this.#refusals.add('join/mixed', arg?.at ?? call.at ?? this.#gate.at, { name: call.fn.name }, { clause: clause(policy, 'statistics.dimensions') });
      }
    }
    for (const node of below(relation)) this.mixed(node.input, node.aggregates.map(({ call }) => call));
  }

  /** The statistic has a rule, its expression is a sum of columns, and the policy lists it for each of them. */
  statistic(call: AggregateCall): void {
    const { fn, args, distinct, filter, at } = call;
    const [arg] = args;
    const countsUnits = fn.gate === 'count' && distinct && arg?.kind === 'column' && arg.column.from.kind === 'unit';
    if (fn.gate === null || (distinct && !countsUnits) || call.order.length > 0) {
      this.#refusals.add('gate/statistic', at, { name: distinct ? `${fn.name}(DISTINCT …)` : fn.name });
      return;
    }
    if (filter !== null) this.grid(filter, 'filter');
    if (arg === undefined || countsUnits) return;
    const statistic: Statistic = fn.gate === 'count-if' ? 'count' : fn.gate;
    if (fn.gate === 'count-if' || arg.type === 'BOOLEAN') {
      this.grid(arg, 'filter');
      return;
    }
    if (fn.gate === 'stddev' || fn.gate === 'var' || fn.gate === 'covar' || fn.gate === 'corr' || fn.gate === 'regr') {
      for (const part of args) this.#plain(part, fn.gate, at);
      return;
    }
    if (fn.gate === 'count') this.#counted(arg, at);
    else this.#summed(arg, statistic, at);
  }

  /** COUNT(x) counts where x has a value; a condition in x is a condition on rows. */
  #counted(arg: Bound, at: number | null): void {
    const branches = branchesOf(arg);
    if (branches === null) {
      this.#refusals.add('gate/branch', arg.at ?? at, { limit: MOST_BRANCHES });
      return;
    }
    for (const { conditions, value } of branches) {
      conditions.forEach((condition) => this.grid(condition, 'filter'));
      if (isNull(value) || value.kind === 'literal') continue;
      if (!isPresentWithColumns(value)) this.grid({ kind: 'is-not-null', arg: value, type: 'BOOLEAN', at: value.at }, 'filter');
      for (const column of storedColumns(value, this.#released)) this.#listed(column, 'count', value.at ?? at);
    }
  }

  /** Every branch is a sum of columns times constants, under conditions that are unions of cells. */
  #summed(arg: Bound, statistic: Statistic, at: number | null): void {
    const branches = branchesOf(arg);
    if (branches === null) {
      this.#refusals.add('gate/branch', arg.at ?? at, { limit: MOST_BRANCHES });
      return;
    }
    for (const { conditions, value } of branches) {
      conditions.forEach((condition) => this.grid(condition, 'filter'));
      if (isNull(value)) continue;
      if (!this.#isMeasure(value)) this.#refusals.add('gate/not-linear', value.at ?? arg.at ?? at, {});
      for (const column of storedColumns(value, this.#released)) this.#listed(column, statistic, value.at ?? arg.at ?? at);
    }
  }

  /** Squares and products are of columns themselves. */
  #plain(arg: Bound, statistic: Statistic, at: number | null): void {
    const inner = arg.kind === 'cast' ? arg.arg : arg;
    const isColumn = inner.kind === 'column' && this.#isOwn(inner.column);
    if (!isColumn && !this.#measuresAnything()) this.#refusals.add('gate/not-linear', arg.at ?? at, {});
    for (const column of storedColumns(arg, this.#released)) this.#listed(column, statistic, arg.at ?? at);
  }

  /** A sum of columns of protected rows, times constants. A value from VALUES, a released or a subquery's table is no constant: it differs from row to row. */
  #isMeasure(value: Bound): boolean {
    if (this.#measuresAnything()) return true;
    const parts = linear(value);
    return parts !== null && isPresentWithColumns(value) && [...parts.terms.keys()].every((column) => this.#isOwn(column));
  }

  #isOwn(column: Column): boolean {
    if (this.#released.has(column)) return false;
    const { from } = column;
    switch (from.kind) {
      case 'stored': return true;
      // What a unit's own rows add up to, of columns as they are or of how many there are. A count that may be 0 would hide
      // who has any behind those who have none.
      case 'aggregate': {
        const { fn, args: [arg], distinct, order, filter } = from.call;
        if (filter !== null || distinct || order.length > 0) return false;
        if (arg === undefined) return fn.gate === 'count';
        return (fn.gate === 'sum' || fn.gate === 'avg') && isNumber(arg.type) && arg.kind === 'column' && this.#isOwn(arg.column);
      }
      case 'combined': return from.parts.every((part) => this.#isOwn(part));
      case 'computed': return from.expr.kind === 'column' && this.#isOwn(from.expr.column);
      default: return false;
    }
  }

  #measuresAnything(): boolean {
    return this.#datasets.every((dataset) => this.#policy(dataset).statistics.measures === 'any');
  }

  /** COUNT(x) tells where x is missing: it needs the column to be a measure or a dimension. */
  #listed(column: Column, statistic: Statistic, at: number | null): void {
    const { from } = column;
    if (from.kind !== 'stored') return;
    const policy = this.#policy(from.table.dataset);
    const { measures } = policy.statistics;
    if (measures === 'any') return;
    const path = `${from.table.name}.${from.column.source.split('.').at(-1)}`;
    const listed = measures[path] ?? [];
    if (listed.includes(statistic)) return;
    if (statistic === 'count' && (listed.length > 0 || from.table.units.length === 0 || from.column.grid.kind !== 'none' || !from.column.nullable)) return;
    const allowed = listed.length === 0 ? Object.keys(measures).filter((name) => name.startsWith(`${from.table.name}.`)) : listed;
    this.#refusals.add('gate/no-statistic', at, { statistic, name: column.name }, { clause: clause(policy, `statistics.measures.${path}`), suggestion: allowed.length === 0 ? null : text(`Listed: ${allowed.join(', ')}.`, `已列出:${allowed.join('、')}。`) });
  }

  /** Aggregates of one unit's rows: their columns are measures too, and where they have a value is a condition like any other. */
  aggregatesBelow(relation: Relation): void {
    if (relation.kind === 'gate') return;
    if (relation.kind === 'aggregate') {
      for (const { call } of relation.aggregates) {
        for (const arg of call.args) this.#unconditional(arg);
        for (const part of callParts(call)) for (const column of storedColumns(part, this.#released)) if (call.fn.gate !== null) this.#listed(column, call.fn.gate === 'count-if' ? 'count' : call.fn.gate, call.at);
      }
    }
    inputsOf(relation).forEach((input) => this.aggregatesBelow(input));
  }

  /** What decides whether the expression has a value is a union of cells. */
  #unconditional(arg: Bound): void {
    const branches = branchesOf(arg);
    if (branches === null) {
      this.#refusals.add('gate/branch', arg.at ?? this.#gate.at, { limit: MOST_BRANCHES });
      return;
    }
    for (const { conditions, value } of branches) {
      conditions.forEach((condition) => this.grid(condition, 'filter'));
      if (!isNull(value) && !isPresentWithColumns(value)) this.grid({ kind: 'is-not-null', arg: value, type: 'BOOLEAN', at: value.at }, 'filter');
    }
  }

  #policy(dataset: string): Policy {
    const policy = this.#catalog.policies.get(dataset);
    if (policy === undefined) throw new Error('a dataset of the catalogue has a policy');
    return policy;
  }

  /** The policy that decides about a column, its place there, and what would be allowed. */
  #about(column: Column): { readonly policy: Policy | null; readonly path: string | null; readonly suggestion: Text | null } {
    const stored = column.from.kind === 'stored' ? column : [...storedColumns({ kind: 'column', column, type: column.type, at: null }, this.#released)].find(({ from }) => from.kind === 'stored' && from.table.units.length > 0);
    // What comes from no column in particular is decided by any policy that has a grid.
    const gridded = this.#datasets.map((dataset) => this.#policy(dataset)).find(({ statistics }) => statistics.dimensions !== 'any');
    if (stored?.from.kind !== 'stored') return { policy: gridded ?? null, path: null, suggestion: null };
    const { table, column: catalogued } = stored.from;
    return { policy: this.#policy(table.dataset), path: `${table.name}.${catalogued.source.split('.').at(-1)}`, suggestion: allowedForms(stored, table.columns.map(({ name, grid }) => ({ name, free: grid.kind === 'free' }))) };
  }
}

interface Path {
  readonly dataset: string;
  readonly table: string;
  readonly column: string;
}

function storedPath(column: Column): Path | null {
  const { from } = column;
  if (from.kind === 'unit') return { dataset: from.table.dataset, table: from.table.name, column: column.name };
  return from.kind === 'stored' ? { dataset: from.table.dataset, table: from.table.name, column: from.column.source.split('.').at(-1) ?? column.name } : null;
}

/** Null for columns of public and released tables, and for computed ones. */
function protectedPath(column: Column, released: ReadonlySet<Column>): Path | null {
  if (released.has(column)) return null;
  const { from } = column;
  if ((from.kind !== 'unit' && from.kind !== 'stored') || from.table.units.length === 0) return from.kind === 'computed' && from.expr.kind === 'column' ? protectedPath(from.expr.column, released) : null;
  return storedPath(column);
}

/** The nearest aggregations below. */
function below(relation: Relation): readonly Extract<Relation, { kind: 'aggregate' }>[] {
  if (relation.kind === 'aggregate') return [relation];
  return relation.kind === 'gate' ? [] : inputsOf(relation).flatMap(below);
}

const readsAny = (expr: Bound, columns: ReadonlySet<Column>): boolean => [...columnsIn(expr)].some((column) => columns.has(column) || (column.from.kind === 'computed' && readsAny(column.from.expr, columns)));

const isZero = (expr: Bound): boolean => (expr.kind === 'cast' ? isZero(expr.arg) : expr.kind === 'literal' && expr.value !== null && Number(expr.value) === 0);

/** Whether a condition is true in matched rows only, or in unmatched ones only. */
function tellsMatch(condition: Bound, optional: ReadonlySet<Column>): boolean {
  switch (condition.kind) {
    case 'and': return condition.args.some((part) => tellsMatch(part, optional));
    case 'or': return condition.args.every((part) => tellsMatch(part, optional));
    case 'compare': return condition.op !== 'IS DISTINCT FROM' && condition.op !== 'IS NOT DISTINCT FROM' && readsAny(condition, optional);
    case 'in': return readsAny(condition.arg, optional);
    case 'between': case 'is-not-null': return readsAny(condition.arg, optional);
    case 'is-null': return condition.arg.kind === 'column' && optional.has(condition.arg.column) && (condition.arg.column.from.kind === 'unit' || (condition.arg.column.from.kind === 'stored' && !condition.arg.column.from.column.nullable));
    default: return false;
  }
}

const lists = (joins: readonly (readonly [string, string])[], a: string, b: string): boolean => joins.some(([x, y]) => (x === a && y === b) || (x === b && y === a));

const clause = (policy: Policy, path: string): string => `${policy.policy}@${policy.version} ${path}`;

/** Where in an expression the column stands. */
function positionOf(expr: Bound, column: Column): number | null {
  if (expr.kind === 'column') return expr.column === column ? expr.at : null;
  for (const part of partsOf(expr)) {
    const at = positionOf(part, column);
    if (at !== null) return at;
  }
  return null;
}

/** The forms of a column that the grid allows. */
function allowedForms({ name, from }: Column, columns: readonly { readonly name: string; readonly free: boolean }[]): Text | null {
  if (from.kind !== 'stored') return null;
  const { grid } = from.column;
  switch (grid.kind) {
    case 'free': return null;
    case 'bands': return text(`Use ${name}_band, or compare ${name} with the edges ${grid.edges.join(', ')} by < or >=.`, `请使用 ${name}_band,或用 < 或 >= 将 ${name} 与边界 ${grid.edges.join('、')} 比较。`);
    case 'time': return text(`Use ${grid.levels.map((level) => (level === 'year' ? `year(${name})` : `date_trunc('${level}', ${name})`)).join(', ')}, or compare with the beginning of a ${grid.levels.at(-1)}.`, `请使用 ${grid.levels.map((level) => (level === 'year' ? `year(${name})` : `date_trunc('${level}', ${name})`)).join('、')},或与相应时间段的起点比较。`);
    case 'categories': return text(`Compare ${name} with ${grid.values.join(', ')}.`, `请将 ${name} 与 ${grid.values.join('、')} 比较。`);
    case 'levels': return text(`Use ${grid.levels.join(', ')}.`, `请使用 ${grid.levels.join('、')}。`);
    case 'none': {
      const free = columns.filter((column) => column.free).map((column) => column.name);
      return free.length === 0 ? null : text(`Dimensions of this table: ${free.join(', ')}.`, `该表可用的维度:${free.join('、')}。`);
    }
  }
}

