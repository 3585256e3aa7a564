/** One gate: the specification for the release, the SQL of its cells, and how their rows are read. */
import type { GateExplanation } from '#contract/explanation.ts';
import type { Cell, ContributionBound, GateSpec, KeyColumn, Measure, Rest } from '../../release/cells.ts';
import type { EngineValue } from '../../engine/value.ts';
import { largestNeeded } from '#sandbox/sdc/dominance.ts';
import { WINDOW_SIZES } from '#sandbox/sdc/trimmed.ts';
import { restsUnderDominance } from '../../release/complements.ts';
import { needsExactUnits, type EffectiveRules } from '../../release/effective-rules.ts';
import { settleWindows } from '../../release/windows.ts';
import type { BindContext } from '../bind/context.ts';
import { inputsOf } from '../bind/hoist.ts';
import { columnsIn, type Bound } from '../expression.ts';
import type { Expr, Query } from '../query.ts';
import type { Column, Relation } from '../relation.ts';
import type { Position } from '../source-text.ts';
import type { Gate } from '../split/gates.ts';
import { planClasses, type PlannedClasses } from './classes.ts';
import { Blocks, groupable, type Block, type BlockOptions } from './blocks.ts';
import { cellQuery, type CellQuery, type Rows, type UnitNeed } from './cell-query.ts';
import { certify, type PlannedCounting } from './certified.ts';
import { decoder } from './decode.ts';
import { expose } from './expose.ts';
import { Measures, type ExactForm, type PlannedMeasure } from './measures.ts';
import { madeOf, type Made } from './multiplicity.ts';
import { populationQuery, type PlannedPopulation } from './population.ts';
import { prune } from './prune.ts';
import { declaredReach, isDeclared, magnitude, rangeOf } from './range.ts';
import { rankedRows } from './ranked.ts';
import { inOwnType } from './scalar.ts';
import { withRecordKey } from './record-key.ts';
import { inSlice, type PlannedWitnesses } from './witnesses.ts';

export interface PlannedGate {
  readonly gate: Gate;
  readonly spec: GateSpec;
  readonly query: Query;
  /** For the disclosure ledger, by kind of unit; none where no policy asks for it. */
  readonly populations: readonly PlannedPopulation[];
  readonly measures: readonly PlannedMeasure[];
  readonly decode: (row: readonly EngineValue[]) => Cell;
  /** Where declared bounds may prove enough of a cell: how units are counted in the others. */
  readonly counting: PlannedCounting | null;
  /** By kind of unit; empty where nothing can be proved by them. */
  readonly witnesses: readonly PlannedWitnesses[];
  readonly windows: PlannedWindows | null;
  /** Where keys or conditions are sensitive. */
  readonly classes: PlannedClasses | null;
  /** Where a link leaves it open which groups those are: then the query is refused. */
  readonly mixed?: Position;
  readonly uses: readonly number[];
  readonly path: GateExplanation['path'];
  /** Name in the released table of each column that the gate shows. */
  readonly names: ReadonlyMap<Column, string>;
}

/** Whether a cell may be withheld because it holds all of its group. */
const disclosesClasses = ({ zeros, units, mechanism }: EffectiveRules): boolean => zeros.value === 'disclosive' && mechanism.value.kind !== 'cell-key' && [...units.values()].some(({ value }) => value > 0);

/** Of a query with more, the parts that are not looked at are withheld. */
const MOST_RESTS = 32;

/** How the rings of a gate of windows become its cells. */
export interface PlannedWindows {
  readonly settle: (rings: readonly Cell[]) => readonly Cell[];
  /** Rows of the query for each cell, at most. */
  readonly sizes: number;
}

/** How a gate is known to the release. */
export interface GateNames {
  readonly keys: readonly KeyColumn[];
  readonly columns: readonly string[];
  readonly datasets: readonly string[];
  /** `GateSpec.relation` */
  readonly relation: string;
}

export function planGate(context: BindContext, gate: Gate, { keys, columns, datasets, relation }: GateNames, rules: EffectiveRules, options: BlockOptions): PlannedGate {
  let input = gate.input;
  // Companion columns and record keys are stored beside the columns that the query names.
  const reach = (column: Column): Column | null => {
    const exposed = expose(input, column);
    if (exposed === null) return null;
    input = exposed;
    return column;
  };
  const recordKey = (unit: Column): Column => {
    const found = withRecordKey(context, input, unit);
    input = found.relation;
    return found.key;
  };
  const optionalSide = mayBeMissing(gate.input);
  const measures = new Measures(
    rules.dominance.length === 0 || gate.units.every(({ kind }) => gate.bounds.find((bound) => bound.kind === kind)?.rows === 1) ? 'units' : 'magnitudes',
    (column) => reach(column) !== null,
    (column) => {
      if (column.from.kind !== 'stored' || column.from.column.stored.kind !== 'column') return null;
      const { fixed } = column.from.column.stored;
      if (fixed === null || column.from.table.units.length === 0) return null;
      return reach(context.column(fixed.name, 'BIGINT', { kind: 'fixed', ...fixed, scan: column.from.scan }));
    },
    (column) => !optionalSide && (column.from.kind === 'unit' || (column.from.kind === 'stored' && !column.from.column.nullable)),
  );
  const names = new Map<Column, string>();
  gate.keys.forEach(({ column }, i) => names.set(column, keys[i]?.name ?? `k${i}`));
  gate.aggregates.forEach(({ column, call }, i) => {
    names.set(column, `v${i}`);
    measures.add(`v${i}`, call);
  });

  if (rules.differencing.value !== 'none') measures.markMissing();

  const groups = disclosesClasses(rules) ? planClasses({ ...gate, input }, measures, options) : null;
  const [classes, mixed] = groups !== null && 'mixed' in groups ? [null, groups.mixed] : [groups, undefined];

  const rests = restsUnderDominance({ measures: measures.planned.map(({ measure }) => measure), outputs: measures.outputs }, rules).slice(0, MOST_RESTS).flatMap(({ whole, part }): Rest[] => {
    const [all, some] = [measures.planned[whole], measures.planned[part]];
    return all === undefined || some === undefined ? [] : [{ whole: all.measure.id, part: some.measure.id, rest: measures.rest(all, some) }];
  });

  const fitted = [...new Set(measures.outputs.flatMap((output) => (output.statistic === 'moment' && output.x !== null ? [output.x, output.y] : [])))];
  const needs = gate.units.map((unit): UnitNeed => {
    const minimum = rules.units.get(unit.kind)?.value ?? 0;
    const counted = measures.outputs.flatMap((output) => (output.statistic === 'count-units' && output.unit === unit.kind ? [output.measure] : []));
    const all = measures.planned.map(({ measure }) => measure.id);
    const largest = largestNeeded(rules.dominance.map(({ value }) => value));
    return {
      kind: unit.kind,
      column: unit.column,
      nullable: unit.nullable,
      oneRow: gate.bounds.find(({ kind }) => kind === unit.kind)?.rows === 1,
      counts: new Set(minimum > 0 || needsExactUnits(rules) || gate.windows !== null || classes !== null ? all : counted),
      largest: new Map(largest === 0 ? [] : measures.planned.filter(({ measure }) => measure.magnitude).map(({ measure }) => [measure.id, largest] as const)),
      fits: new Map(rules.mechanism.value.kind !== 'cell-key' && (minimum > 0 || rules.dominance.length > 0) ? fitted.map((measure) => [measure, minimum] as const) : []),
      recordKey: rules.mechanism.value.kind === 'cell-key' ? recordKey(unit.column) : null,
    };
  });

  // Ties in a ranking are broken alike in whatever query ranks the rows.
  const ties = gate.windows === null ? [] : gate.units.flatMap(({ column }) => [recordKey(column), column]);
  const read = [...new Set([...columnsRead(gate, measures.planned, needs), ...ties])];
  const blocks = new Blocks(options);
  const { rows, keyExprs, size } = writtenRows(blocks, gate, prune(input, read), measures.planned, read, ties, rules);
  const populationsOf = (unit: Gate['units'][number]): PlannedPopulation => {
    // Pseudonyms instead of the snapshot's own numbers for units.
    const named = new Blocks({ ...options, acrossDatasets: true });
    const { relation: keyed, key } = withRecordKey(context, input, unit.column);
    let relation = keyed;
    const made = measures.planned.map((planned): Made | null => {
      const found = madeOf(context, relation, planned);
      relation = found.relation;
      return found.made;
    });
    const needed = [...read, key, ...made.flatMap((each) => each?.rows ?? [])];
    // Of windows: who is in which ring around each position.
    const { rows: all, keyExprs: keysOfAll, size: ring } = writtenRows(named, gate, prune(relation, needed), measures.planned, needed, ties, rules);
    return populationQuery(all, ring === null ? keysOfAll : [...keysOfAll, ring], measures.planned.map((planned, i) => ({ ...planned, made: made[i] ?? null })), { ...unit, recordKey: key, oneRow: gate.bounds.find(({ kind }) => kind === unit.kind)?.rows === 1 });
  };
  const populations = rules.differencing.value === 'none' ? [] : gate.units.map((unit) => populationsOf(unit));
  const basesIn = (i: number): Pick<Measure, 'base'> => {
    const bases = populations.map(({ bases: own }) => own[i]);
    return bases[0] === undefined || bases.some((base) => base !== bases[0]) ? {} : { base: bases[0] };
  };
  const spec: GateSpec = {
    id: gate.id,
    datasets,
    kinds: gate.units.map(({ kind }) => kind),
    columns,
    keys: keys.map((key, i) => (classes?.sensitive[i] === true ? { ...key, sensitive: true } : key)),
    measures: measures.planned.map((planned, i) => ({ ...planned.measure, ...basesIn(i), ...boundOf(planned, gate), ...valueRange(planned), ...classOf(classes, i) })),
    outputs: measures.outputs,
    ...(rests.length === 0 ? {} : { rests }),
    // Windows are tied to nothing: what they leave of their group is seen to where they are settled.
    ...(gate.windows === null ? { relation } : { windows: { levels: gate.windows.levels, lowest: gate.windows.lowest, highest: gate.windows.highest } }),
  };
  // Bounds do not tell which values units have.
  const certified = gate.windows !== null || needs.some(({ fits }) => fits.size > 0) ? null : certify(blocks, rows, keyExprs, measures.planned, needs, { gate, spec, rules });
  const witnessesOf = (need: UnitNeed): PlannedWitnesses => {
    const counted = { ...need, largest: new Map(), fits: new Map(), recordKey: null };
    const { query, slots } = cellQuery(blocks, inSlice(rows, need, options.acrossDatasets), keyExprs, measures.planned, [counted], need.oneRow);
    return { kind: need.kind, minimum: rules.units.get(need.kind)?.value ?? 0, cells: { query, decode: decoder(slots, spec, [counted]) }, classes: classes?.known.kind === 'asked' ? classes.known.witnesses.get(need.kind) ?? null : null };
  };
  const oneRow = needs.every((need) => need.oneRow || (need.counts.size === 0 && need.largest.size === 0 && need.recordKey === null));
  return {
    gate, spec, populations, names, measures: measures.planned,
    ...(certified ?? countedAtOnce(cellQuery(blocks, rows, size === null ? keyExprs : [...keyExprs, size], measures.planned, needs), spec, needs)),
    witnesses: gate.windows === null && (classes?.known.kind === 'asked' || certified !== null) ? needs.filter(({ counts }) => counts.size > 0).map((need) => witnessesOf(need)) : [],
    windows: plannedWindows(gate, spec, rules), classes, ...(mixed === undefined ? {} : { mixed }),
    uses: [...gatesUsed(gate.input)].sort((a, b) => a - b),
    path: oneRow ? 'one-row-per-unit' : certified === null ? 'per-unit' : certified.bounded ? 'certified-by-bounds' : 'certified-by-witnesses',
  };
}

interface WrittenRows {
  readonly rows: Rows;
  readonly keyExprs: readonly Expr[];
  /** Of a gate of windows: the smallest window that holds each row. */
  readonly size: Expr | null;
}

function writtenRows(blocks: Blocks, gate: Gate, input: Relation, measures: readonly PlannedMeasure[], read: readonly Column[], ties: readonly Column[], rules: EffectiveRules): WrittenRows {
  const plain = rowsOf(blocks, blocks.build(input));
  const keysOf = (rows: Rows, keys: Gate['keys']): readonly Expr[] => keys.map(({ expr }) => groupable(inOwnType(expr, rows.write(expr))));
  if (gate.windows === null) return { rows: plain, keyExprs: keysOf(plain, gate.keys), size: null };
  const { positions, position } = gate.windows;
  const value = measures.find((measure) => measure.value !== null);
  if (value === undefined) throw new Error('windows have a value');
  const ranked = rankedRows(blocks, plain, keysOf(plain, gate.keys.slice(0, -1)), value, ties, read, positions, smallestWindow(rules), position);
  const rows = rowsOf(blocks, ranked.block);
  return { rows, keyExprs: keysOf(rows, gate.keys), size: ranked.size };
}

const rowsOf = (blocks: Blocks, block: Block): Rows => ({ block, write: (expr) => blocks.expr(expr, block) });

const smallestWindow = ({ units }: EffectiveRules): number => Math.max(1, ...[...units.values()].map(({ value }) => value));

function plannedWindows({ windows }: Gate, spec: GateSpec, rules: EffectiveRules): PlannedWindows | null {
  return windows === null ? null : {
    settle: (rings) => settleWindows(spec, rules, windows.positions.at.length, rings),
    sizes: WINDOW_SIZES + 1,
  };
}

function countedAtOnce({ query, slots }: CellQuery, spec: GateSpec, needs: readonly UnitNeed[]): Pick<PlannedGate, 'query' | 'decode' | 'counting'> {
  return { query, decode: decoder(slots, spec, needs), counting: null };
}

function columnsRead(gate: Gate, measures: readonly PlannedMeasure[], needs: readonly UnitNeed[]): readonly Column[] {
  const exprs = [...gate.keys.map(({ expr }) => expr), ...measures.flatMap(({ value, exact, conditions }) => [...(value === null || exact === null ? [] : valuesRead(value, exact)), ...conditions])];
  const read = new Set(exprs.flatMap((expr) => [...columnsIn(expr)]));
  for (const { exact } of measures) for (const column of companions(exact)) read.add(column);
  for (const need of needs) {
    read.add(need.column);
    if (need.recordKey !== null) read.add(need.recordKey);
  }
  return [...read];
}

/** What the cell query writes of a measure beside its conditions; of a stored double it reads the companion only. */
function valuesRead(value: Bound, exact: ExactForm): readonly Bound[] {
  if (exact.kind === 'product') return exact.factors.flatMap((factor) => valuesRead(factor.value, factor.exact));
  return exact.kind === 'fixed' ? [] : [value];
}

function companions(exact: ExactForm | null): readonly Column[] {
  if (exact?.kind === 'product') return exact.factors.flatMap((factor) => companions(factor.exact));
  return exact?.kind === 'fixed' ? [exact.column] : [];
}

/** Whether an outer join may fill columns with NULL. */
function mayBeMissing(relation: Relation): boolean {
  if (relation.kind === 'join' && relation.join !== 'inner') return true;
  return inputsOf(relation).some(mayBeMissing) || relation.kind === 'lookup';
}

export function gatesUsed(relation: Relation): Set<number> {
  const used = new Set<number>();
  const visit = (node: Relation): void => {
    if (node.kind === 'gate') used.add(node.gate);
    inputsOf(node).forEach(visit);
  };
  visit(relation);
  return used;
}

function classOf(classes: PlannedClasses | null, measure: number): Pick<Measure, 'class'> {
  const own = classes?.of[measure] ?? null;
  return own === null ? {} : { class: own };
}

/** What one unit can add to a cell, where rows per unit and values are declared. */
function boundOf({ measure, value, exact }: PlannedMeasure, gate: Gate): { readonly bound?: Readonly<Record<string, ContributionBound>> } {
  const largest = value === null || exact === null ? null : largestOf(value, exact, measure);
  const bounds = gate.units.flatMap(({ kind }): [string, ContributionBound][] => {
    const rows = gate.bounds.find((bound) => bound.kind === kind)?.rows ?? null;
    if (rows === null) return [];
    const each = measure.of.kind === 'rows' ? 1n : largest;
    return [[kind, { rows: BigInt(rows), total: each === null ? null : each * BigInt(rows) }]];
  });
  return bounds.length === gate.units.length ? { bound: Object.fromEntries(bounds) } : {};
}

/** The largest magnitude that one row can add, in units of the measure; null where nothing bounds it. */
function largestOf(value: Bound, exact: ExactForm, { of }: PlannedMeasure['measure']): bigint | null {
  if (exact.kind === 'product') {
    const [a, b] = exact.factors.map((factor) => inUnits(factor.value, factor.exact, factor.scale));
    return a === undefined || b === undefined || a === null || b === null ? null : a * b;
  }
  return inUnits(value, exact, of.kind === 'column' ? of.scale : 0);
}

function inUnits(value: Bound, exact: ExactForm, scale: number): bigint | null {
  if (exact.kind === 'fixed') return value.kind === 'column' ? declaredReach(value.column, scale) : null;
  const range = isDeclared(value) ? rangeOf(value) : null;
  return range === null || range.scale !== scale ? null : magnitude(range);
}

/** Declared bounds of one value of a measured column. */
function valueRange({ measure, value, exact }: PlannedMeasure): { readonly range?: { readonly min: bigint; readonly max: bigint } } {
  const range = value === null || value.kind !== 'column' || exact?.kind !== 'as-is' ? null : rangeOf(value);
  return range === null || measure.of.kind === 'rows' || range.scale !== measure.of.scale ? {} : { range: { min: range.min, max: range.max } };
}
