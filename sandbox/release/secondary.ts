/**
 * Secondary suppression over the tables of a job and those that left before it: builds the numbers and their equations, has
 * `sdc/secondary` choose what else to hide, and marks it. Counts and totals of each measure are problems of their own; where a
 * count is hidden, the total of the same values goes with it.
 */
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import type { AskedCell, Equation } from '#sandbox/sdc/secondary/problem.ts';
import { protect, type Protection } from '#sandbox/sdc/secondary/protect.ts';
import { aligned } from './align.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import { withoutContained } from './contained.ts';
import { tied } from './equations.ts';
import { Disjoint } from './disjoint.ts';
import { facesOf, hiddenToo, linkedCell, linkedTable, type LinkedCell, type LinkedFace, type LinkedTable } from './linked-table.ts';
import { NOW, ofLeft, type Occurrence as AnyOccurrence, type Place as AnyPlace } from './occurrence.ts';
import { FinestLevels, placeOf, type GatePlace } from './place.ts';
import { withinReach } from './reach.ts';
import { balanced, ofData, once, sameNumbers, withoutOutdated } from './several-data.ts';
import { numbersOf } from './tables.ts';
import { mayTell } from './vague.ts';

/** Tables that have left already: they can't be hidden any more, but they count for what is known. */
export interface Before {
  /** Of this job. */
  readonly earlier: readonly DecidedGate[];
  /** Of earlier jobs, the oldest first. */
  readonly history: readonly LinkedTable[];
  /** Faces (`LinkedFace.key`) of which more has left than `history` has. */
  readonly unseen?: ReadonlySet<string>;
}

export interface Protected {
  readonly gates: readonly DecidedGate[];
  /** Whether everything that ties the tables together was looked at. */
  readonly exact: boolean;
  /** Null where no policy requires secondary suppression. */
  readonly pattern: Pattern | null;
}

/** What was hidden to cover other cells, over counts and totals of all measures. */
export interface Pattern {
  readonly numbers: number;
  /** Of these, what is hidden only because no pattern was found around some cell. */
  readonly whole: number;
  /** As in `Protection`: what the patterns cost, and what none costs less than. */
  readonly cost: number;
  readonly atLeast: number;
}

const NOTHING: Pattern = { numbers: 0, whole: 0, cost: 0, atLeast: 0 };

/** Patterns of counts and of totals, each chosen for itself. */
export const bothPatterns = (a: Pattern, b: Pattern): Pattern => ({ numbers: a.numbers + b.numbers, whole: a.whole + b.whole, cost: a.cost + b.cost, atLeast: a.atLeast + b.atLeast });

const patternOf = ({ secondary, whole, cost, atLeast }: Protection): Pattern => ({ numbers: secondary.size, whole: whole.size, cost, atLeast });

export function protectSecondary(gates: readonly DecidedGate[], { earlier, history, unseen = new Set() }: Before, solver: LinearSolver | null): Protected {
  const levels = new FinestLevels([...earlier, ...gates].flatMap(({ gate }) => gate.coarsenings ?? []));
  const placed = (all: readonly DecidedGate[]) => all.flatMap((gate) => {
    const place = placeOf(gate.gate, levels);
    return place === null ? [] : [{ gate, place }];
  });
  const left = [...history, ...placed(earlier).map(({ gate, place }) => linkedTable(gate, place))];
  const own = placed(gates).map(({ gate, place }) => new OpenTable(gate, place));
  const places = aligned([...left, ...own]);
  const isMixed = history.some(({ then }) => then !== undefined);
  const tables: readonly Occurrence[] = [
    ...left.flatMap((table, t) => table.faces.flatMap((face, f) => ofLeft(table, face, f, { place: places[t] ?? missing(), isPast: t < history.length, isMixed }))),
    ...own.flatMap((open, t) => open.faces.map((face): Occurrence =>
      ({ face, rows: open.rows, named: open.named, place: places[left.length + t] ?? missing(), data: isMixed ? NOW : null, open, isPast: false, near: null, cell: (row) => open.cell(face, row) }))),
  ];
  hideVague(tables);
  let exact = true;
  let pattern: Pattern | null = null;
  // Counts first: where one is hidden, the total of the same values is hidden with it.
  const groups = [...Map.groupBy(tables, ({ face }) => face.key).values()].sort((a, b) => Number(isMagnitude(a)) - Number(isMagnitude(b)));
  for (const group of groups) {
    if (!group.some(({ open }) => open?.gate.rules.secondary.value === 'required')) continue;
    const hidden = hideFurther(group, unseen, solver);
    exact &&= hidden.exact;
    pattern = bothPatterns(pattern ?? NOTHING, hidden.pattern);
  }
  const decided = new Map(own.map((table) => [table.gate, table.decided()]));
  return { gates: gates.map((gate) => decided.get(gate) ?? gate), exact, pattern };
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
    this.faces = facesOf(gate.gate.spec, place);
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

type Occurrence = AnyOccurrence<OpenTable>;
type Place = AnyPlace<OpenTable>;

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

const isProtected = ({ width, shown }: Pick<LinkedCell, 'width' | 'shown'>): boolean => width > 0n && !shown;

/** `exact` is false where something that ties the tables together had to be left out: then nothing new leaves. */
function hideFurther(all: readonly Occurrence[], unseen: ReadonlySet<string>, solver: LinearSolver | null): { readonly exact: boolean; readonly pattern: Pattern } {
  const isSeen = !all.some(({ face }) => unseen.has(face.key));
  if (isSeen && !all.some(({ rows, cell }) => rows.some((_, row) => cell(row).width > 0n))) return { exact: true, pattern: NOTHING };
  const measured = all.map((each) => ({ ...each, measure: each.place.measures[each.face.measure] ?? missing(), isOpen: each.open !== null }));
  const reached = withinReach(measured);
  const group = measured.flatMap((each, t) => (reached[t]?.length === 0 ? [] : [{ ...each, at: reached[t] ?? [] }]));
  const numbers = numbersOf(group.map(({ place, measure, rows, at, data }) => ({ place: ofData(place, data), measure, rows: at.map((row) => rows[row] ?? missing()) })));
  const separate = numbers.cells.map((cells) => withoutOutdated(cells.map(({ source, row }): Place => ({ of: group[source] ?? missing(), row: group[source]?.at[row] ?? missing() }))));
  const same = sameNumbers(separate);
  const together = Map.groupBy(separate.keys(), (number) => same[number] ?? number);
  const places = separate.map((_, number) => (together.get(number) ?? []).flatMap((each) => separate[each] ?? []));
  const hide = (number: number, whole: boolean): void => places[number]?.forEach(({ of, row }) => of.open?.hide(of.face, row, whole));
  places.forEach((cells, number) => {
    keepHidden(cells, () => hide(number, false));
    // What one table has to withhold, such as the part whose rest is too small, no other shows.
    const withheld = cells.filter(({ of, row }) => of.open !== null && isProtected(of.cell(row)));
    for (const { of, row } of cells) if (of.cell(row).shown && withheld.some((other) => other.of.open !== of.open)) of.open?.hide(of.face, row, false);
  });

  const isMixed = group.some(({ near }) => near !== null);
  // One negative value shows that the column may be negative: then no lower limit is known of any cell.
  const nonNegative = group.every(({ face }) => face.nonNegative) && separate.every((cells) => cells.every(({ of, row }) => (of.cell(row).value ?? 0n) >= 0n));
  const seen = (isTold: boolean): readonly (Omit<AskedCell, 'owner' | 'margin'> | null)[] => places.map((cells, number) => (same[number] === number ? problemCell(cells, nonNegative ? 0n : null, isTold) : ELSEWHERE));
  const shown = seen(true);
  // What is known already tells nothing new. Where the policy refuses or holds what cannot be worked out, that is done instead.
  const hideNew = (isAsked: (gate: DecidedGate) => boolean): void => shown.forEach((cell, number) => {
    if (cell?.state === 'open') places[number]?.forEach(({ of, row }) => of.open !== null && isAsked(of.open.gate) && of.open.hide(of.face, row, true));
  });
  if (!isSeen) hideNew(({ rules }) => rules.differencing.value === 'warn');
  if (!shown.some((cell) => cell !== null && cell.width > 0n && cell.state === 'hidden')) return { exact: isSeen, pattern: NOTHING };
  const ties = tied(withoutContained(numbers));
  if (ties === null) {
    hideNew(() => true);
    return { exact: false, pattern: NOTHING };
  }
  const sums = [...ties.equations, ...numbers.sums.map(([whole, parts]): Equation => [[whole, 1], ...parts.map((part) => [part, -1] as const)])];
  const equations = isMixed ? once(sums.map((equation) => equation.map(([cell, coefficient]) => [same[cell] ?? cell, coefficient] as const))) : sums;
  const margins = new Set([...ties.margins, ...numbers.sums.map(([whole]) => whole)].map((number) => same[number] ?? number));
  const isAsked = (number: number): boolean => (places[number]?.length ?? 0) > 0;
  const owners = ownersOf(aloneIn(places.map(isLone), shown.length + ties.unknowns, equations, isAsked), equations);
  const protectAs = (known: typeof shown): Protection => {
    const cells = owners.map((owner, i): AskedCell => {
      const cell = known[i];
      return cell === undefined || cell === null
        ? { value: null, state: 'hidden', width: 0n, margin: false, cells: 1, low: nonNegative ? 0n : null, high: null, owner }
        : { ...cell, margin: margins.has(i), width: reachable(cell, cell.low), owner };
    });
    const protection = protect(isMixed ? balanced({ cells, equations }) : { cells, equations }, solver);
    for (const number of protection.secondary) hide(number, protection.whole.has(number));
    return protection;
  };
  const protection = protectAs(shown);
  const pattern = patternOf(protection);
  // For who knows every number as the data have it, some cells are known. All others are protected as well for who knows none in whose place another may have been
  // given: which of these are the data's own must not count.
  if (!places.some((cells) => cells.some(({ of, row }) => of.cell(row).recalled))) return { exact: isSeen, pattern };
  const given = seen(false).map((cell, number) => (cell === null || !protection.safe.has(number) ? cell : { ...cell, width: 0n }));
  // What none costs less than for both is not known to be more than that for one.
  return { exact: isSeen, pattern: { ...bothPatterns(pattern, patternOf(protectAs(given))), atLeast: pattern.atLeast } };
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

/** Stands where another number stands for this one: no equation is about it. */
const ELSEWHERE: Omit<AskedCell, 'owner' | 'margin'> = { value: 0n, state: 'fixed', width: 0n, cells: 1, low: null, high: null };

/** Null where nobody asked for the number. @param least what everybody knows that any cell is at least. @param isTold of numbers in whose place others may have been given, whether they are known */
function problemCell(places: readonly Place[], least: bigint | null, isTold: boolean): Omit<AskedCell, 'owner' | 'margin'> | null {
  if (places.length === 0) return null;
  const cells = places.map(({ of, row }) => ({ ...of.cell(row), open: of.open !== null, then: of.near !== null }));
  // What stands in place of a number that is withheld as well is another one.
  const isWithheld = cells.some((cell) => cell.open && isProtected(cell));
  const shown = cells.filter((cell) => cell.shown && ((isTold && !isWithheld) || !cell.recalled));
  const isFixed = shown.some(({ open }) => !open);
  const value = (cells.find((cell) => !cell.then) ?? cells.find((cell) => cell.value !== null))?.value ?? null;
  // A bound of the number in other data bounds how far it may move in both.
  const moved = (bound: bigint | null, own: bigint | null): bigint | null => (bound === null || own === null || value === null ? bound : bound + value - own);
  return {
    value,
    cells: Math.max(1, cells.filter(({ open }) => open).length),
    state: isFixed ? 'fixed' : shown.length === 0 ? 'hidden' : 'open',
    // What has left can't be protected any more.
    width: isFixed ? 0n : cells.reduce((widest, { width }) => (width > widest ? width : widest), 0n),
    low: cells.map((cell) => moved(cell.low ?? least, cell.value)).reduce<bigint | null>((most, low) => (low !== null && (most === null || low > most) ? low : most), null),
    high: cells.map((cell) => moved(cell.high, cell.value)).reduce<bigint | null>((lowest, high) => (high !== null && (lowest === null || high < lowest) ? high : lowest), null),
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
  const same = new Disjoint(lone.length);
  for (const equation of equations) {
    for (const sign of [1, -1]) {
      const side = equation.filter(([, coefficient]) => coefficient === sign);
      const [margin] = side;
      if (margin === undefined || side.length !== 1 || lone[margin[0]] !== true) continue;
      for (const [cell, coefficient] of equation) if (coefficient !== sign && lone[cell] === true) same.join(cell, margin[0]);
    }
  }
  return lone.map((is, i) => (is ? same.find(i) : null));
}

function missing(): never {
  throw new Error('a cell lacks a measure of its gate');
}
