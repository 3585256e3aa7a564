/**
 * Secondary suppression over the tables of a job: builds the numbers and their equations from decided gates, has
 * `sdc/secondary` choose what else to hide, and marks it. Counts and totals of each measure are problems of their own;
 * where a count is hidden, the total of the same values goes with it.
 */
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import type { Equation, ProblemCell } from '#sandbox/sdc/secondary/problem.ts';
import { protect } from '#sandbox/sdc/secondary/protect.ts';
import { fillUnknowns } from '#sandbox/sdc/secondary/unknowns.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import { tied } from './equations.ts';
import { FinestLevels, placeOf, type GatePlace } from './place.ts';
import { isFailing, isRows, isVisible, knownBounds, widthOf, type CellOfGate, type Face } from './protection.ts';
import { numbersOf } from './tables.ts';

/** @param earlier tables that have left already: they can't be hidden any more, but they count for what is known */
export function protectSecondary(gates: readonly DecidedGate[], earlier: readonly DecidedGate[], solver: LinearSolver | null): readonly DecidedGate[] {
  const all = [...earlier, ...gates];
  const levels = new FinestLevels(all.flatMap(({ gate }) => gate.coarsenings ?? []));
  const work = all.map((gate, i): MutableGate => {
    const rows = [...gate.rows, ...gate.dropped];
    return { source: gate, place: placeOf(gate.gate, levels), fixed: i < earlier.length, rows, named: gate.rows.length, withheld: rows.map((row) => [...row.withheld]) };
  });
  // Counts first: where one is hidden, the total of the same values is hidden with it.
  const groups = [...Map.groupBy(occurrences(work), ({ key }) => key).values()].sort((a, b) => Number(isTotals(a)) - Number(isTotals(b)));
  for (const group of groups) if (group.some(({ gate }) => !gate.fixed && gate.source.rules.secondary.value === 'required')) hideFurther(group, solver);
  return work.filter(({ fixed }) => !fixed).map(({ source, withheld }) => ({
    ...source,
    rows: source.rows.map((row, r): DecidedRow => ({ ...row, withheld: withheld[r] ?? row.withheld })),
  }));
}

interface MutableGate {
  readonly source: DecidedGate;
  readonly place: GatePlace | null;
  readonly fixed: boolean;
  /** Named rows first, then those that do not exist for the operator but do in the sums. */
  readonly rows: readonly DecidedRow[];
  readonly named: number;
  readonly withheld: Withheld[][];
}

/** One face of one measure of one gate. `key`: the same rows counted, or the same values added up. */
interface Occurrence {
  readonly key: string;
  readonly gate: MutableGate;
  readonly place: GatePlace;
  readonly measure: number;
  /** Of a count of rows: `total`, which is the same number. */
  readonly face: Face;
}

function occurrences(work: readonly MutableGate[]): readonly Occurrence[] {
  return work.flatMap((gate) => {
    const { place, source: { gate: { spec } } } = gate;
    if (place === null) return [];
    return spec.measures.flatMap(({ of }, measure): Occurrence[] => {
      const { rest = [], present = null } = place.measures[measure] ?? {};
      const counted = JSON.stringify([place.base, 'rows', (present === null ? [...rest] : [...rest, present]).sort()]);
      if (of.kind === 'rows') return [{ key: counted, gate, place, measure, face: 'total' }];
      return [
        { key: counted, gate, place, measure, face: 'count' },
        { key: JSON.stringify([place.base, of, rest]), gate, place, measure, face: 'total' },
      ];
    });
  });
}

const isTotals = ([first]: readonly Occurrence[]): boolean => first !== undefined && first.face === 'total' && !isRows(first.gate.source.gate.spec, first.measure);

function hideFurther(group: readonly Occurrence[], solver: LinearSolver | null): void {
  const numbers = numbersOf(group.map(({ place, measure, gate }) => ({ place, measure: place.measures[measure] ?? missing(), rows: gate.rows })));
  const places = numbers.cells.map((cells) => cells.map(({ source, row }): Place => ({ occurrence: group[source] ?? missing(), row })));
  const hideAll = (): void => places.forEach((cells) => cells.forEach(hide));
  for (const cells of places) {
    // Whatever an earlier table of the job hid stays hidden in a later one.
    if (cells.some((place) => place.occurrence.gate.fixed && isHidden(place))) cells.forEach(hide);
  }
  const shown = places.map(problemCell);
  if (!shown.some(({ width }) => width > 0n)) return;
  const ties = tied(numbers);
  if (ties === null) return hideAll();
  // One negative value shows that the column may be negative: then no lower limit is known of any cell.
  const nonNegative = shown.every(({ value }) => value >= 0n) && group.every(({ gate, measure }) => (gate.source.gate.spec.measures[measure]?.range?.min ?? 0n) >= 0n);
  const values = fillUnknowns(shown.map(({ value }) => value), ties.unknowns, ties.equations, nonNegative, solver);
  if (values === null) return hideAll();
  const known = new Set(shown.keys());
  const low = (own: bigint | null): bigint | null => own ?? (nonNegative ? 0n : null);
  const cells = values.map((value, i): Omit<ProblemCell, 'owner'> => {
    const cell = shown[i];
    return cell === undefined
      ? { value, state: 'hidden', width: 0n, margin: false, cells: 1, low: low(null), high: null }
      : { ...cell, margin: ties.margins.has(i), low: low(cell.low), width: reachable(cell, low(cell.low)) };
  });
  const owners = ownersOf(aloneIn(places.map(isLone), values.length, ties.equations), ties.equations);
  const protection = protect({ cells: cells.map((cell, i): ProblemCell => ({ ...cell, owner: owners[i] ?? null })), equations: ties.equations }, solver);
  if (protection === null) return hideAll();
  for (const index of protection.secondary) if (known.has(index)) places[index]?.forEach(hide);
}

/** No range can be wider than what everybody knows of the cell beforehand. */
function reachable({ width, high }: { readonly width: bigint; readonly high: bigint | null }, low: bigint | null): bigint {
  return high !== null && low !== null && high - low < width ? high - low : width;
}

/** A measure of one row of one gate. */
interface Place {
  readonly occurrence: Occurrence;
  readonly row: number;
}

function cellOf({ occurrence: { gate, measure }, row }: Place): CellOfGate {
  return { spec: gate.source.gate.spec, rules: gate.source.rules, row: gate.rows[row] ?? missing(), measure };
}

function problemCell(cells: readonly Place[]): Omit<ProblemCell, 'owner' | 'margin'> {
  const shown = cells.filter((place) => {
    const { occurrence: { gate, measure, face }, row } = place;
    return row < gate.named && !isHidden(place) && isVisible(gate.source.gate.spec, measure, face);
  });
  const place = cells[0] ?? missing();
  const cell = cellOf(place);
  const { face } = place.occurrence;
  const evidence = cell.row.evidence[cell.measure] ?? missing();
  const known = cells.map((each) => {
    const { gate, measure, face: own } = each.occurrence;
    const countIsShown = each.row < gate.named && gate.withheld[each.row]?.[measure]?.count === false && isVisible(gate.source.gate.spec, measure, 'count');
    return knownBounds(cellOf(each), own, each.row < gate.named, countIsShown);
  });
  return {
    value: face === 'count' ? evidence.count : evidence.sum,
    cells: cells.length,
    state: shown.length === 0 ? 'hidden' : shown.some(({ occurrence }) => occurrence.gate.fixed) ? 'fixed' : 'open',
    width: cells.reduce((widest, each) => {
      const width = isFailing(cellOf(each), each.occurrence.face) ? widthOf(cellOf(each), each.occurrence.face) : 0n;
      return width > widest ? width : widest;
    }, 0n),
    low: known.reduce<bigint | null>((most, { low }) => (low !== null && (most === null || low > most) ? low : most), null),
    high: known.reduce<bigint | null>((least, { high }) => (high !== null && (least === null || high < least) ? high : least), null),
  };
}

function isHidden({ occurrence: { gate, measure, face }, row }: Place): boolean {
  return (gate.withheld[row]?.[measure] ?? missing())[face];
}

/** One unit alone contributes, of whatever kind. */
function isLone(cells: readonly Place[]): boolean {
  const { row, measure } = cellOf(cells[0] ?? missing());
  return Object.values((row.evidence[measure] ?? missing()).units).some((count) => 'exact' in count && count.exact === 1n);
}

/** A part that nobody asked for, of a number that one unit is alone in, is that unit's as well, or empty. */
function aloneIn(lone: readonly boolean[], all: number, equations: readonly Equation[]): readonly boolean[] {
  const result = Array.from({ length: all }, (_, i) => lone[i] ?? false);
  for (const [[whole] = [-1], ...parts] of equations) if (lone[whole] === true) for (const [part] of parts) if (part >= lone.length) result[part] = true;
  return result;
}

/**
 * A margin with one unit holds that unit in every cell that is not empty, so all of them are the same unit's. Other lone cells
 * are taken to be different units: more attackers than there may be, never fewer.
 */
function ownersOf(lone: readonly boolean[], equations: readonly Equation[]): readonly (number | null)[] {
  const parent = lone.map((_, i) => i);
  const root = (cell: number): number => {
    let at = cell;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) at = up;
    return at;
  };
  for (const equation of equations) {
    for (const sign of [1, -1]) {
      const side = equation.filter(([, coefficient]) => coefficient === sign);
      const [margin] = side;
      if (margin === undefined || side.length !== 1 || lone[margin[0]] !== true) continue;
      for (const [cell, coefficient] of equation) if (coefficient !== sign && lone[cell] === true) parent[root(cell)] = root(margin[0]);
    }
  }
  return lone.map((is, i) => (is ? root(i) : null));
}

/** A hidden count takes the total of the same values with it. What has left, or has no name, stays as it is. */
function hide(place: Place): void {
  const { occurrence: { gate, measure, face }, row } = place;
  const measures = gate.withheld[row];
  const before = measures?.[measure];
  if (measures === undefined || before === undefined || gate.fixed || row >= gate.named || before[face]) return;
  measures[measure] = {
    count: before.count || face === 'count' || isRows(gate.source.gate.spec, measure),
    total: true,
    because: gate.source.rules.secondary.clause,
  };
}

function missing(): never {
  throw new Error('a cell lacks a measure of its gate');
}
