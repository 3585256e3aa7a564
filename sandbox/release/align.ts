/**
 * Tables of different versions of a policy may cut a dimension into different atoms: other bands, months instead of days,
 * values instead of bands. Their places are written here in atoms that all of them are made of.
 */
import type { Value } from '#contract/table.ts';
import { atomOf, NULL_ATOM, slicesOf, withSlices, type AtomSet, type GatePlace } from './place.ts';

export interface Placed {
  readonly place: GatePlace;
  readonly rows: readonly { readonly keys: readonly Value[] }[];
}

/** The places, in the order of the tables. Tables that agree on every dimension come back as they are. */
export function aligned(tables: readonly Placed[]): readonly GatePlace[] {
  const refined = new Map<string, Refinement>();
  for (const root of new Set(tables.flatMap(({ place }) => rootsOf(place)))) {
    const using = tables.filter(({ place }) => rootsOf(place).includes(root));
    const systems = [...new Map(using.map(({ place }) => place.closed.get(root)).map((atoms) => [atoms?.join(SEPARATOR), atoms])).values()];
    if (systems.length > 1) refined.set(root, new Refinement(systems.filter((atoms) => atoms !== undefined), using.flatMap((table) => valuesOf(table, root))));
  }
  return refined.size === 0 ? tables.map(({ place }) => place) : tables.map(({ place }) => rewritten(place, refined));
}

const rootsOf = (place: GatePlace): readonly string[] => [...new Set([...place.closed.keys(), ...place.keys.map(({ root }) => root), ...slicesOf(place).map(({ root }) => root)])];

/** Atoms that a table names of a dimension whose values are not declared. */
function valuesOf({ place, rows }: Placed, root: string): readonly string[] {
  if (place.closed.has(root)) return [];
  return [
    ...slicesOf(place).flatMap((slice) => (slice.root === root ? slice.inside.atoms : [])),
    ...place.keys.flatMap((key, k) => (key.root !== root ? [] : [...key.known.values().flatMap(({ atoms }) => atoms), ...(key.bare ? rows.map(({ keys }) => atomOf(keys[k] ?? null)) : [])])),
  ];
}

function rewritten(place: GatePlace, refined: ReadonlyMap<string, Refinement>): GatePlace {
  const written = (root: string, set: AtomSet): AtomSet => refined.get(root)?.set(set, place.closed.get(root)) ?? set;
  const closed = new Map(place.closed);
  for (const root of rootsOf(place)) {
    const all = refined.get(root)?.all;
    if (all !== undefined) closed.set(root, all);
  }
  const sliced = withSlices(place, ({ root, inside }) => ({ root, inside: written(root, inside) }));
  return {
    ...sliced, closed,
    keys: sliced.keys.map((key) => (refined.has(key.root) ? { ...key, known: new Map([...key.known].map(([value, set]) => [value, written(key.root, set)])) } : key)),
  };
}

/** One dimension in the smallest parts that any table tells apart: values, and what of a band no table names a value of. */
class Refinement {
  /** All parts. */
  readonly all: readonly string[];
  /** By system (its atoms as one text), then by atom, where an atom has several parts. */
  readonly #parts = new Map<string, ReadonlyMap<string, readonly string[]>>();

  /** @param systems of which each lists all values of the dimension as its atoms; `named`: atoms of tables that list none */
  constructor(systems: readonly (readonly string[])[], named: readonly string[]) {
    const hasDays = systems.some((atoms) => atoms.some((atom) => isDay(atom) && !isFirst(atom)));
    const ofMonths = (atoms: readonly string[]): boolean => hasDays && atoms.some(isDay) && atoms.every((atom) => isFirst(atom) || !isDay(atom));
    const bands = systems.map((atoms) => ({ atoms, intervals: atoms.flatMap((atom): [string, Interval][] => {
      const interval = ofMonths(atoms) && isFirst(atom) ? monthOf(atom) : bandOf(atom);
      return interval === null ? [] : [[atom, interval]];
    }) })).filter(({ intervals }) => intervals.length > 0);
    const lists = systems.filter((atoms) => !bands.some((band) => band.atoms === atoms));
    const values = [...new Set(lists.length > 0 ? lists.flat() : named)].filter((atom) => atom !== NULL_ATOM);
    const ends = [...new Set(bands.flatMap(({ intervals }) => intervals.flatMap(([, { low, high }]) => [low, high])))].filter((end) => end !== null);
    const before = orderOf([...ends, ...values.map(valueOf)]);
    ends.sort((a, b) => (before(a, b) ? -1 : 1));
    // Where some system lists every value, nothing is left between them.
    const rests = lists.length > 0 ? [] : [null, ...ends].map((low, i): Interval => ({ low, high: ends[i] ?? null }));
    this.all = [...values, ...rests.map(nameOf), ...(systems.some((atoms) => atoms.includes(NULL_ATOM)) ? [NULL_ATOM] : [])];
    for (const { atoms, intervals } of bands) {
      this.#parts.set(atoms.join(SEPARATOR), new Map(intervals.map(([atom, { low, high }]) => {
        const starts = (value: string | null): boolean => low === null || (value !== null && !before(value, low));
        const stops = (value: string | null): boolean => high === null || (value !== null && !before(high, value));
        const holds = (value: string): boolean => starts(value) && (high === null || before(value, high));
        return [atom, [...values.filter((value) => holds(valueOf(value))), ...rests.filter((rest) => starts(rest.low) && stops(rest.high)).map(nameOf)]];
      })));
    }
  }

  set({ negated, atoms }: AtomSet, system: readonly string[] | undefined): AtomSet {
    const parts = system === undefined ? undefined : this.#parts.get(system.join(SEPARATOR));
    return { negated, atoms: atoms.flatMap((atom) => parts?.get(atom) ?? [atom]) };
  }
}

const SEPARATOR = '\u0000';

/** From `low` on to before `high`; null: without end. */
interface Interval {
  readonly low: string | null;
  readonly high: string | null;
}

const valueOf = (atom: string): string => atom.slice(1);
const isDay = (atom: string): boolean => /^=\d{4}-\d\d-\d\d$/.test(atom);
const isFirst = (atom: string): boolean => isDay(atom) && atom.endsWith('-01');
const nameOf = ({ low, high }: Interval): string => `[${low ?? '..'},${high ?? '..'}) but for named values`;

/** Of a label as `sql/bands.ts` writes it. */
function bandOf(atom: string): Interval | null {
  const [, low, high] = /^\[([^,]*),([^,]*)\)$/.exec(atom) ?? [];
  return low === undefined || high === undefined ? null : { low: low === '..' ? null : low, high: high === '..' ? null : high };
}

function monthOf(atom: string): Interval {
  const [year = 0, month = 0] = valueOf(atom).split('-').map(Number);
  const next = month === 12 ? [year + 1, 1] : [year, month + 1];
  return { low: valueOf(atom), high: `${String(next[0]).padStart(4, '0')}-${String(next[1]).padStart(2, '0')}-01` };
}

/** Numbers by size, dates by their text. */
function orderOf(values: readonly string[]): (a: string, b: string) => boolean {
  const numeric = values.every((value) => /^-?\d+(\.\d+)?$/.test(value));
  return numeric ? (a, b) => Number(a) < Number(b) : (a, b) => a < b;
}
