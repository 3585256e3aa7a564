/**
 * What class disclosure has to know of a gate: how many units each group has whatever their sensitive attributes are. The same
 * relation without the conditions on sensitive columns, grouped by the other keys. Asked only where a key or a condition is sensitive.
 */
import type { Statistic } from '#contract/policy.ts';
import type { Value } from '#contract/table.ts';
import type { Cell, ClassCell, Units } from '../../release/cells.ts';
import { keyOf } from '../../release/complete.ts';
import { toWire, type EngineValue } from '../../engine/value.ts';
import { columnsIn, type Bound } from '../expression.ts';
import { unprovedClassesTable } from '../gate-table.ts';
import type { Relation } from '../relation.ts';
import type { Position } from '../source-text.ts';
import type { Gate } from '../split/gates.ts';
import { releasedColumns } from '../vet/uses.ts';
import { Blocks, groupable, type BlockOptions } from './blocks.ts';
import { cellQuery, rowsAreUnits, type Rows, type UnitNeed } from './cell-query.ts';
import { whole } from './decode.ts';
import { Measures, type PlannedMeasure } from './measures.ts';
import { prune } from './prune.ts';
import { inOwnType } from './scalar.ts';
import { Sensitivity } from './sensitivity.ts';
import { ofSomeGroups, type SomeGroups } from './some-groups.ts';
import { withoutSensitive } from './without-sensitive.ts';
import { inSlice, type Asked } from './witnesses.ts';

export interface PlannedClasses {
  readonly known: OfCells | AskedClasses;
  /** By key of the gate. */
  readonly sensitive: readonly boolean[];
  /** By measure of the gate: which of its measures counts the rows of its cell, and which number of a class cell those of its group; null where nothing sensitive is in it. */
  readonly of: readonly ({ readonly part: number; readonly whole: number } | null)[];
}

/** Where each row is a unit and nothing but keys is sensitive, the units of a group are those of its cells. */
export interface OfCells {
  readonly kind: 'of-cells';
  /** The groups of all cells. */
  readonly add: (cells: readonly Cell[]) => readonly ClassCell[];
}

export interface AskedClasses extends Asked<ClassCell> {
  readonly kind: 'asked';
  /** The group of a cell: its keys that are not sensitive. */
  readonly groupOf: (cell: Cell) => readonly Value[];
  /** The groups that the query is about; null where it is about all. */
  readonly groups: SomeGroups | null;
  /** By kind of unit. */
  readonly witnesses: ReadonlyMap<string, Asked<ClassCell>>;
}

/** Where the groups cannot be told, for a table is linked with them by a sensitive column and by something else. */
export interface MixedLink {
  readonly mixed: Position;
}

/** Null where no key and no condition is sensitive. */
export function planClasses(gate: Gate, measures: Measures, options: BlockOptions): PlannedClasses | MixedLink | null {
  const released = releasedColumns(gate.input);
  const sensitivity = new Sensitivity(gate.input, released);
  const stripped = withoutSensitive(gate.input, sensitivity);
  const keys = gate.windows === null ? gate.keys : gate.keys.slice(0, -1);
  const plain = keys.filter(({ expr }) => !sensitivity.of(expr) || (expr === gate.values?.expr && isOnlyCounted(gate.values.statistics)));
  const conditioned = measures.planned.map(({ conditions, value }): readonly Bound[] => {
    const others = conditions.filter((condition) => !isPresence(condition, value));
    return value === null || !sensitivity.isFoundBySensitive(value) ? others : [...others, { kind: 'is-not-null', arg: value, type: 'BOOLEAN', at: value.at }];
  });
  const everywhere = stripped !== gate.input || plain.length < keys.length;
  const asks = conditioned.map((conditions) => everywhere || conditions.some((condition) => sensitivity.of(condition)));
  if (sensitivity.mixed !== undefined) return { mixed: sensitivity.mixed };
  if (!asks.includes(true)) return null;
  // Rows of each cell, whatever is added up in it; and of its group.
  const parts = conditioned.map((conditions, i) => (asks[i] === true ? measures.units(conditions) : null));
  const wholes = new Measures('units', () => false, () => null, () => false);
  const of = parts.map((part, i) => (part === null ? null : { part, whole: wholes.units((conditioned[i] ?? []).filter((condition) => !sensitivity.of(condition))) }));
  const counts = new Set(wholes.planned.map(({ measure }) => measure.id));
  const counted = gate.units.map(({ kind, column, nullable }): UnitNeed => ({ kind, column, nullable, oneRow: gate.bounds.find((bound) => bound.kind === kind)?.rows === 1, counts, largest: new Map(), fits: new Map(), recordKey: null }));
  const places = plain.map((key) => gate.keys.indexOf(key));
  const groupOf = (cell: Cell): readonly Value[] => places.map((i) => cell.keys[i] ?? null);
  const addsUp = gate.windows === null && stripped === gate.input && counted.every(rowsAreUnits) && !conditioned.some((conditions) => conditions.some((condition) => sensitivity.of(condition)));
  return {
    of, sensitive: gate.keys.map((key) => keys.includes(key) && !plain.includes(key)),
    known: addsUp ? { kind: 'of-cells', add: (cells) => addedUp(cells, groupOf, of, measures, wholes) } : { kind: 'asked', groupOf, ...askedClasses(gate, stripped, plain, wholes, counted, options) },
  };
}

/** Values of which only the number is told: that there is but one says of nobody which. */
const isOnlyCounted = (statistics: readonly Statistic[]): boolean => statistics.every((statistic) => statistic === 'count-distinct');

function askedClasses(gate: Gate, stripped: Relation, plain: Gate['keys'], wholes: Measures, counted: readonly UnitNeed[], options: BlockOptions): Omit<AskedClasses, 'kind' | 'groupOf'> {
  const read = [...new Set([...plain.map(({ expr }) => expr), ...wholes.planned.flatMap(({ conditions }) => conditions)].flatMap((expr) => [...columnsIn(expr)])), ...counted.map(({ column }) => column)];
  const blocks = new Blocks(options);
  const block = blocks.build(prune(stripped, read));
  const rows: Rows = { block, write: (expr) => blocks.expr(expr, block) };
  const exprs = plain.map(({ expr }) => groupable(inOwnType(expr, rows.write(expr))));
  const ask = (from: Rows, needs: readonly UnitNeed[]): Asked<ClassCell> => {
    const { query, slots } = cellQuery(blocks, from, exprs, wholes.planned, needs, true);
    return { query, decode: (row) => ({ keys: plain.map((_, i) => toWire(row[i] ?? null)), units: wholes.planned.map((measure) => unitsIn(measure, needs, slots, row)) }) };
  };
  const some = gate.windows === null ? ofSomeGroups(blocks, rows, exprs, plain.map(({ column }) => column.type), unprovedClassesTable(gate.id)) : null;
  return {
    ...ask(some?.rows ?? rows, counted), groups: some?.groups ?? null,
    witnesses: new Map(counted.map((need) => [need.kind, ask(inSlice(rows, need, options.acrossDatasets), [need])])),
  };
}

function addedUp(cells: readonly Cell[], groupOf: AskedClasses['groupOf'], of: PlannedClasses['of'], { planned }: Measures, wholes: Measures): readonly ClassCell[] {
  // Without a sensitive condition the rows of a group are counted under the conditions of its cells.
  const parts = wholes.planned.map((_, whole) => planned.findIndex(({ measure: { id } }) => of.some((pair) => pair?.whole === whole && pair.part === id)));
  return [...Map.groupBy(cells, (cell) => keyOf(groupOf(cell))).values()].flatMap((members) => members.slice(0, 1).map((first) => ({
    keys: groupOf(first),
    units: parts.map((part) => summed(members.map(({ evidence }) => evidence[part]?.units ?? {}))),
  })));
}

function summed(units: readonly Readonly<Record<string, Units>>[]): Readonly<Record<string, Units>> {
  const sums = new Map<string, bigint>();
  for (const of of units) {
    for (const [kind, count] of Object.entries(of)) {
      if (!('exact' in count)) throw new Error('units that are rows are counted');
      sums.set(kind, (sums.get(kind) ?? 0n) + count.exact);
    }
  }
  return Object.fromEntries([...sums].map(([kind, exact]) => [kind, { exact }]));
}

function unitsIn({ measure: { id } }: PlannedMeasure, needs: readonly UnitNeed[], slots: ReturnType<typeof cellQuery>['slots'], row: readonly EngineValue[]): Readonly<Record<string, Units>> {
  return Object.fromEntries(needs.map((need) => {
    const at = slots.findIndex((slot) => 'measure' in slot && slot.measure === id && (rowsAreUnits(need) ? slot.kind === 'count' : slot.kind === 'units' && slot.unit === need.kind));
    return [need.kind, { exact: whole(row[at] ?? null) ?? 0n }];
  }));
}

/** Whether the condition only says that the value itself is there. */
const isPresence = (condition: Bound, value: Bound | null): boolean => condition.kind === 'is-not-null' && value !== null && condition.arg === value;
