/**
 * Secondary suppression over the tables of a job and those that left before it: builds the numbers and their equations, has
 * `sdc/secondary` choose what else to hide, and marks it. Counts and totals of each measure are problems of their own; where a
 * count is hidden, the total of the same values goes with it.
 */
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import type { AskedCell, Equation, ProblemCell } from '#sandbox/sdc/secondary/problem.ts';
import { protect } from '#sandbox/sdc/secondary/protect.ts';
import { aligned } from './align.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import { tied } from './equations.ts';
import { facesOf, hiddenToo, linkedCell, linkedTable, type LinkedCell, type LinkedFace, type LinkedTable } from './linked-table.ts';
import { FinestLevels, placeOf, type GatePlace } from './place.ts';
import { numbersOf } from './tables.ts';
import { mayTell } from './vague.ts';

/** Tables that have left already: they can't be hidden any more, but they count for what is known. */
export interface Before {
  /** Of this job. */
  readonly earlier: readonly DecidedGate[];
  /** Of earlier jobs over the same snapshots, the oldest first. */
  readonly history: readonly LinkedTable[];
}

export interface Protected {
  readonly gates: readonly DecidedGate[];
  /** Whether everything that ties the tables together was looked at. */
  readonly exact: boolean;
}

export function protectSecondary(gates: readonly DecidedGate[], { earlier, history }: Before, solver: LinearSolver | null): Protected {
  const levels = new FinestLevels([...earlier, ...gates].flatMap(({ gate }) => gate.coarsenings ?? []));
  const placed = (all: readonly DecidedGate[]) => all.flatMap((gate) => {
    const place = placeOf(gate.gate, levels);
    return place === null ? [] : [{ gate, place }];
  });
  const left = [...history, ...placed(earlier).map(({ gate, place }) => linkedTable(gate, place))];
  const own = placed(gates).map(({ gate, place }) => new OpenTable(gate, place));
  const places = aligned([...left, ...own]);
  const tables: readonly Occurrence[] = [
    ...left.flatMap(({ faces, rows, named }, t) => faces.map((face): Occurrence => ({ face, rows, named, place: places[t] ?? missing(), open: null, isPast: t < history.length, cell: (row) => face.cells[row] ?? missing() }))),
    ...own.flatMap((open, t) => open.faces.map((face): Occurrence => ({ face, rows: open.rows, named: open.named, place: places[left.length + t] ?? missing(), open, isPast: false, cell: (row) => open.cell(face, row) }))),
  ];
  hideVague(tables);
  let exact = true;
  // Counts first: where one is hidden, the total of the same values is hidden with it.
  const groups = [...Map.groupBy(tables, ({ face }) => face.key).values()].sort((a, b) => Number(isMagnitude(a)) - Number(isMagnitude(b)));
  for (const group of groups) if (group.some(({ open }) => open?.gate.rules.secondary.value === 'required')) exact = hideFurther(group, solver) && exact;
  const decided = new Map(own.map((table) => [table.gate, table.decided()]));
  return { gates: gates.map((gate) => decided.get(gate) ?? gate), exact };
}

const isMagnitude = (group: readonly Occurrence[]): boolean => group[0]?.face.magnitude ?? false;

/** A table of this job while it is decided what of it leaves. */
class OpenTable {
  readonly gate: DecidedGate;
  readonly place: GatePlace;
  readonly faces: readonly Omit<LinkedFace, 'cells'>[];
  /** Named rows first, then those that do not exist for the operator but do in the sums. */
  readonly rows: readonly DecidedRow[];
  readonly named: number;
  readonly #withheld: Withheld[][];
  readonly #absent = new Set<number>();

  constructor(gate: DecidedGate, place: GatePlace) {
    this.gate = gate;
    this.place = place;
    this.faces = facesOf(gate, place);
    this.rows = [...gate.rows, ...gate.dropped];
    this.named = gate.rows.length;
    this.#withheld = this.rows.map((row) => [...row.withheld]);
  }

  cell(face: Pick<LinkedFace, 'measure' | 'face'>, row: number): LinkedCell {
    return linkedCell(this.gate, this.rows[row] ?? missing(), this.#withheld[row] ?? missing(), face, row < this.named);
  }

  /** What has no name stays as it is. */
  hide(face: Pick<LinkedFace, 'measure' | 'face'>, row: number, whole: boolean): void {
    const measures = this.#withheld[row];
    const before = measures?.[face.measure];
    if (measures === undefined || before === undefined || row >= this.named || before[face.face]) return;
    measures[face.measure] = hiddenToo(this.gate, before, face, whole);
  }

  /** The row does not exist for the operator, as it did not before. A public one is there whatever it holds. */
  leaveOut(row: number): void {
    if (row < this.named && this.rows[row]?.public === false) this.#absent.add(row);
  }

  decided(): DecidedGate {
    const rows = this.gate.rows.map((row, r): DecidedRow => ({ ...row, withheld: this.#withheld[r] ?? row.withheld }));
    if (this.#absent.size === 0) return { ...this.gate, rows };
    return { ...this.gate, rows: rows.filter((_, r) => !this.#absent.has(r)), dropped: [...this.gate.dropped, ...rows.filter((_, r) => this.#absent.has(r))] };
  }
}

/** One face of one measure of one table. `open`: null where it has left. */
interface Occurrence {
  readonly face: Omit<LinkedFace, 'cells'>;
  readonly rows: LinkedTable['rows'];
  readonly named: number;
  readonly place: GatePlace;
  readonly open: OpenTable | null;
  /** Of an earlier job. */
  readonly isPast: boolean;
  readonly cell: (row: number) => LinkedCell;
}

/** A cell of one row. */
interface Place {
  readonly of: Occurrence;
  readonly row: number;
}

/**
 * A table of which nobody knows what its cells have in common with others leaves only where nothing has to be protected against it.
 * Where it has left in this job already, what it might tell stays in with everything around it.
 */
function hideVague(tables: readonly Occurrence[]): void {
  const open = tables.filter((table) => table.open?.gate.rules.secondary.value === 'required');
  const protects = new Map(tables.map((table) => [table, table.rows.some((_, row) => isProtected(table.cell(row)))]));
  const hides = open.filter((table) => tables.some((other) => (protects.get(other) === true && mayTell(table, other))
    || (other.open === null && !other.isPast && protects.get(table) === true && mayTell(other, table))));
  for (const { open: table, face, rows } of hides) rows.forEach((_, row) => table?.hide(face, row, true));
}

const isProtected = ({ width, shown }: LinkedCell): boolean => width > 0n && !shown;

/** False where something that ties the tables together had to be left out. */
function hideFurther(group: readonly Occurrence[], solver: LinearSolver | null): boolean {
  if (!group.some(({ rows, cell }) => rows.some((_, row) => cell(row).width > 0n))) return true;
  const numbers = numbersOf(group.map(({ place, face, rows }) => ({ place, measure: place.measures[face.measure] ?? missing(), rows })));
  const places = numbers.cells.map((cells) => cells.map(({ source, row }): Place => ({ of: group[source] ?? missing(), row })));
  const hide = (number: number, whole: boolean): void => places[number]?.forEach(({ of, row }) => of.open?.hide(of.face, row, whole));
  const hideAll = (): void => places.forEach((_, number) => hide(number, true));
  places.forEach((cells, number) => {
    keepHidden(cells, () => hide(number, false));
    // What one table has to withhold, such as the part whose rest is too small, no other shows.
    const withheld = cells.filter(({ of, row }) => of.open !== null && isProtected(of.cell(row)));
    for (const { of, row } of cells) if (of.cell(row).shown && withheld.some((other) => other.of.open !== of.open)) of.open?.hide(of.face, row, false);
  });

  const shown = places.map(problemCell);
  if (!shown.some((cell) => cell !== null && cell.width > 0n && cell.state === 'hidden')) return true;
  const { ties, exact } = tied(numbers, numbers.sources.flatMap((source, table) => (group[source]?.open === null ? [] : [table])));
  if (ties === null) {
    hideAll();
    return exact;
  }
  // One negative value shows that the column may be negative: then no lower limit is known of any cell.
  const nonNegative = shown.every((cell) => cell === null || cell.value >= 0n) && group.every(({ face }) => face.nonNegative);
  const low = (own: bigint | null): bigint | null => own ?? (nonNegative ? 0n : null);
  const equations = [...ties.equations, ...numbers.sums.map(([whole, parts]): Equation => [[whole, 1], ...parts.map((part) => [part, -1] as const)])];
  const isAsked = (number: number): boolean => (places[number]?.length ?? 0) > 0;
  const owners = ownersOf(aloneIn(places.map(isLone), shown.length + ties.unknowns, equations, isAsked), equations);
  const sums = new Set(numbers.sums.map(([whole]) => whole));
  const cells = owners.map((owner, i): AskedCell => {
    const cell = shown[i];
    return cell === undefined || cell === null
      ? { value: null, state: 'hidden', width: 0n, margin: false, cells: 1, low: low(null), high: null, owner }
      : { ...cell, margin: ties.margins.has(i) || sums.has(i), low: low(cell.low), width: reachable(cell, low(cell.low)), owner };
  });
  const { secondary, whole } = protect({ cells, equations }, solver);
  for (const number of secondary) hide(number, whole.has(number));
  return exact;
}

/** Whatever an earlier table hid, for its own sake or to cover another, stays hidden; a row that it left out stays out. */
function keepHidden(cells: readonly Place[], hide: () => void): void {
  const left = cells.filter(({ of }) => of.open === null).map(({ of, row }) => ({ ...of.cell(row), named: row < of.named }));
  if (left.some(({ shown }) => shown) || !left.some(({ held }) => held)) return;
  hide();
  if (left.some(({ named }) => named)) return;
  for (const { of, row } of cells) of.open?.leaveOut(row);
}

/** No range can be wider than what everybody knows of the cell beforehand. */
function reachable({ width, high }: { readonly width: bigint; readonly high: bigint | null }, low: bigint | null): bigint {
  return high !== null && low !== null && high - low < width ? high - low : width;
}

/** Null where nobody asked for the number. */
function problemCell(places: readonly Place[]): Omit<ProblemCell, 'owner' | 'margin'> | null {
  if (places.length === 0) return null;
  const cells = places.map(({ of, row }) => ({ ...of.cell(row), open: of.open !== null }));
  const shown = cells.filter((cell) => cell.shown);
  const isFixed = shown.some(({ open }) => !open);
  return {
    value: cells[0]?.value ?? missing(),
    cells: Math.max(1, cells.filter(({ open }) => open).length),
    state: shown.length === 0 ? 'hidden' : isFixed ? 'fixed' : 'open',
    // What has left can't be protected any more.
    width: isFixed ? 0n : cells.reduce((widest, { width }) => (width > widest ? width : widest), 0n),
    low: cells.reduce<bigint | null>((most, { low }) => (low !== null && (most === null || low > most) ? low : most), null),
    high: cells.reduce<bigint | null>((least, { high }) => (high !== null && (least === null || high < least) ? high : least), null),
  };
}

const isLone = (places: readonly Place[]): boolean => places.some(({ of, row }) => of.cell(row).lone);

/** A part that nobody asked for, of a number that one unit is alone in, is that unit's as well, or empty. */
function aloneIn(lone: readonly boolean[], all: number, equations: readonly Equation[], isAsked: (number: number) => boolean): readonly boolean[] {
  const result = Array.from({ length: all }, (_, i) => lone[i] ?? false);
  for (const [[whole] = [-1], ...parts] of equations) if (lone[whole] === true) for (const [part] of parts) if (!isAsked(part)) result[part] = true;
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
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      parent[at] = parent[up] ?? up;
      at = up;
    }
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

function missing(): never {
  throw new Error('a cell lacks a measure of its gate');
}
