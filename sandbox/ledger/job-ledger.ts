/**
 * The ledger in one job: compares what is about to leave with everything that left before, from other jobs and from earlier
 * gates of this one, and says which numbers are to be given as they were or as they follow.
 *
 * No oracle: whether a population is the earlier one or differs from it by 1 … min − 1 units, the same questions are asked of the
 * engine and the same number comes back. The same holds for what follows from several earlier numbers.
 */
import type { PinnedDataset } from '#contract/job.ts';
import type { Value } from '#contract/table.ts';
import type { DataSession } from '../engine/data-engine.ts';
import type { GateCells } from '../release/cells.ts';
import { keyOf } from '../release/complete.ts';
import { facesOf, linkedTable, type LinkedTable } from '../release/linked-table.ts';
import { isRecalled, type Face as RecalledFace, type Recall, type Recalled, type Settled } from '../release/recall.ts';
import type { Release } from '../release/release.ts';
import type { Before } from '../release/secondary.ts';
import type { SelectParts } from '../sql/print.ts';
import type { Delta, LedgerStrip, StripCells } from './delta.ts';
import { isOfValues, rescaled } from './face.ts';
import { classesOf, type Past } from './classes.ts';
import { isOpen, stateOf, type DataState } from './data-state.ts';
import { PRIME } from './field.ts';
import { followingCells } from './follow.ts';
import type { Ledger } from './ledger.ts';
import { isEntry } from './entry.ts';
import { Memory, type RememberedCell } from './memory.ts';
import { nearbyCells } from './nearby.ts';
import { baseOf, faceOf, packTable, type Behind, type PastTable } from './past-table.ts';
import type { PastTables } from './past-tables.ts';
import { Populations } from './populations.ts';
import type { JobStrip, StripCell } from './strips.ts';
import { ThenTables } from './then.ts';

/** Why a number is not the cell's own. For the reviewer only. */
export interface Overlap {
  readonly gate: number;
  readonly keys: readonly Value[];
  readonly measure: number;
  readonly face: JobStrip['face']['face'];
  /** `same`: as an earlier number of (nearly) the same population. `follows`: from several. `together`: from others of the same tables as well. */
  readonly how: 'same' | 'follows' | 'together';
  /** Units that differ, as far as known; 0: none. */
  readonly differing: number;
  /** Jobs that released what it was compared with. */
  readonly jobs: readonly string[];
  /** Whether what it follows from is about the same rows, cut in other ways. */
  readonly sameRows: boolean;
}

export class JobLedger {
  readonly #past: readonly Memory<LedgerStrip>[];
  readonly #own = new Memory<LedgerStrip>();
  readonly #added: StripCells[] = [];
  readonly #pastTables: PastTables;
  readonly #addedTables: PastTable[] = [];
  readonly #datasets: readonly PinnedDataset[];
  readonly #data: DataSession;
  readonly #job: string;
  readonly overlaps: Overlap[] = [];
  /** Numbers (`faceName`) that are given on the strength of an entry of the agency, and of nothing that a job released alone. */
  readonly #byEntry = new Set<string>();
  /** Whether every combination and every earlier table within reach was looked at. */
  exact = true;
  #leftOut = false;

  /** Whether some table has more cells, or larger multiples, than can be combined with other numbers. Such a table leaves by a reviewer, or not. */
  tooMany = false;

  readonly populations: Populations;

  constructor({ memory, tables, populations }: Omit<Ledger, 'head' | 'take'>, datasets: readonly PinnedDataset[], data: DataSession, job: string) {
    this.#past = [memory, this.#own];
    this.#pastTables = tables;
    this.populations = new Populations(data, populations.at(datasets.map(({ manifest }) => data.hiddenFrom(manifest.id)).join(' ')));
    this.#datasets = datasets;
    this.#data = data;
    this.#job = job;
  }

  /** What the ledger has of the cells of gates that leave together. */
  async examine(strips: readonly JobStrip[]): Promise<Recall> {
    const found = new Map<string, MutableRecall>();
    const at = ({ spec, face }: JobStrip, cell: StripCell): MutableRecall => {
      const place = JSON.stringify([spec.id, keyOf(cell.keys), spec.measures.findIndex(({ id }) => id === face.measure)]);
      const recalled = found.get(place) ?? {};
      found.set(place, recalled);
      return recalled;
    };
    const settled = new Set<string>();
    const settle = (strip: JobStrip, cell: StripCell, value: bigint | null, why: Why): void => {
      const name = faceName(strip, cell);
      if (settled.has(name)) return;
      settled.add(name);
      put(at(strip, cell), strip, value);
      this.overlaps.push(overlapOf(strip, cell, why));
    };

    const past: Past = { memories: this.#past, datasets: this.#datasets, data: this.#data };
    const classes = await classesOf(strips, past, this.populations);
    for (const { strip, cell, neighbour, differing, value, byEntry } of await nearbyCells(strips, classes, past, this.populations)) {
      if (byEntry) this.#byEntry.add(faceName(strip, cell));
      settle(strip, cell, value === null ? null : rescaled(value, neighbour.strip.scale, strip.scale), { how: 'same', differing, jobs: [neighbour.strip.of], sameRows: false });
    }
    const open = strips.map((strip) => ({ strip, cells: [...strip.cells.values()].filter((cell) => !settled.has(faceName(strip, cell)) && isEnough(strips, strip, cell)) }));
    const combined = followingCells(open, classes);
    this.exact &&= combined.exact;
    // What follows from such a number cannot be worked out, now or later.
    this.tooMany ||= combined.tooMany || strips.some(({ min, times }) => min > 1 && times >= PRIME);
    for (const { strip, cell, value, alone, sameRows, differing, jobs } of combined.cells) {
      if (jobs.some(isEntry)) this.#byEntry.add(faceName(strip, cell));
      const now = alone ? value(() => null) : null;
      if (now !== null) settle(strip, cell, now, { how: 'follows', differing, jobs, sameRows });
      else if (!settled.has(faceName(strip, cell))) {
        settled.add(faceName(strip, cell));
        const recalled = at(strip, cell);
        const later = (numbers: Settled): bigint | null => value(({ spec, face }, other) => numbers(spec.id, other.keys, spec.measures.findIndex(({ id }) => id === face.measure), numberOf(face)));
        const number = numberOf(strip.face);
        recalled.later = number.face === 'units' ? { ...recalled.later, units: { ...recalled.later?.units, [number.unit]: later } } : { ...recalled.later, [number.face]: later };
        this.overlaps.push(overlapOf(strip, cell, { how: jobs.length > 0 ? 'follows' : 'together', differing, jobs, sameRows }));
      }
    }
    return (gate, keys, measure) => found.get(JSON.stringify([gate, keyOf(keys), measure])) ?? null;
  }

  /**
   * Tables of earlier jobs that these are linked with.
   * @param strips of these gates
   * @param mostOf numbers of them, of one base relation, by what is asked of it
   */
  async history(gates: readonly GateCells[], strips: readonly JobStrip[], mostOf: (asked: string) => number): Promise<Required<Pick<Before, 'history' | 'unseen'>>> {
    const placed = gates.flatMap(({ spec, place }) => {
      if (place === undefined) return [];
      const keys = facesOf(spec, place).map(({ key }) => key);
      // What of a table is told by a vague one is not known by its faces.
      return [{ base: place.base, keys, isVague: false }, ...(place.vague ?? []).map((base) => ({ base, keys, isVague: true }))];
    });
    const unseen = new Set<string>();
    const history: LinkedTable[] = [];
    const dataOf = (names: DataState): DataState => stateOf(names.map(({ dataset }) => dataset), this.#datasets, this.#data);
    const then = new ThenTables({ tables: this.#pastTables, memories: this.#past, populations: this.populations, dataOf }, strips);
    for (const [base, same] of Map.groupBy(placed, (gate) => gate.base)) {
      const keys = new Map(same.flatMap((gate) => gate.keys.map((key) => [faceOf(key), key])));
      const isVague = same.some((gate) => gate.isVague);
      const leaveOut = (faces: Iterable<string>): void => {
        for (const face of faces) unseen.add(keys.get(face) ?? face);
        if (isVague) for (const key of keys.values()) unseen.add(key);
      };
      const selected = this.#pastTables.select(baseOf(base), isVague ? null : new Set(keys.keys()), mostOf(JSON.stringify([base, ...[...keys.values()].sort()])));
      if (selected.unseen.size > 0) leaveOut(selected.unseen);
      const found: LinkedTable[] = [];
      // The newest first, as long as they can be read.
      for (const table of selected.tables.toReversed()) {
        const here = isOpen(table.datasets, this.#datasets, this.#data);
        const own = here ? this.#pastTables.unpack(table) : await then.read(table);
        if (own !== null) found.push(own);
        else leaveOut(table.faces.map(({ of }) => of));
      }
      history.push(...found.reverse());
    }
    this.#leftOut ||= unseen.size > 0;
    return { history, unseen };
  }

  /** Whether more has left about the same rows than could be looked at. Goes by how much has left, and by no data. */
  get leftOut(): boolean {
    return this.#leftOut;
  }

  /** Whether some number follows from earlier ones about other rows: what `refuse` and `hold` go by. Equal for 0 and for few units that differ. */
  get follows(): boolean {
    return this.overlaps.some(({ how, sameRows }) => how === 'follows' && !sameRows);
  }

  /**
   * Remembers what really left: numbers of their own; those that an entry of the agency gave, which may be withdrawn while the operator keeps them; those that were withheld and have to stay so; and whole tables, where withheld cells of others may
   * depend on them.
   * @param lasting gates whose rows are the same in another job
   */
  keep({ decided, exact }: Release, strips: readonly JobStrip[], lasting: ReadonlySet<number>): void {
    this.exact &&= exact;
    for (const gate of decided) if (lasting.has(gate.gate.spec.id)) this.#keepTable(gate, strips);
    for (const strip of strips) {
      const gate = decided.find(({ gate: { spec } }) => spec.id === strip.spec.id);
      const measure = strip.spec.measures.findIndex(({ id }) => id === strip.face.measure);
      if (gate === undefined || measure === -1) continue;
      const cells = gate.rows.flatMap((row): RememberedCell[] => {
        const cell = strip.cells.get(keyOf(row.keys));
        const published = row.published[measure];
        const recalled = row.recalled?.[measure] ?? null;
        if (cell === undefined || published === undefined || isHiddenAgain(recalled, strip)) return [];
        if (row.withheld[measure]?.[strip.face.face === 'total' ? 'total' : 'count'] !== false) return staysHidden(gate, row, measure) ? [{ key: cell.key, ...cell.population, value: null }] : [];
        const value = isRecalled(recalled, numberOf(strip.face)) && !this.#byEntry.has(faceName(strip, cell)) ? null : valueOf(published, strip);
        return value === null ? [] : [{ key: cell.key, ...cell.population, value }];
      });
      if (cells.length === 0) continue;
      const form = ledgerStrip(strip, this.#datasets, this.#data, this.#job);
      this.#own.add(form, cells);
      this.#added.push({ strip: form, cells });
    }
  }

  #keepTable(gate: Release['decided'][number], strips: readonly JobStrip[]): void {
    const { gate: { place, spec }, rules } = gate;
    if (place === undefined || rules.secondary.value !== 'required' || rules.differencing.value === 'none') return;
    const linked = linkedTable(gate, place);
    const table = packTable(linked, stateOf(spec.datasets, this.#datasets, this.#data), behindTable(linked, strips.filter((strip) => strip.spec.id === spec.id && !isOfValues(strip.series))));
    if (!this.#pastTables.has(table)) this.#addedTables.push(table);
  }

  /** What the job adds; empty where it released nothing new. */
  get added(): Delta {
    return { strips: this.#added, tables: this.#addedTables };
  }
}

/** A strip as it is kept. @param of the job or entry that it is sealed for */
export function ledgerStrip({ spec, series, scale, unrounded, kind, face, population, repeatable }: JobStrip, datasets: readonly PinnedDataset[], data: DataSession, of: string): LedgerStrip {
  return {
    series, kind, face: { ...face }, of,
    datasets: stateOf(spec.datasets, datasets, data),
    relation: spec.relation ?? '', keys: spec.keys.slice(0, population.keys).map((key) => key.of ?? key.name), population: repeatable ? population.sql : null,
    flat: repeatable && population.flat !== null ? flatOf(population.flat, face, population.keys) : null, scale, ...(unrounded ? { unrounded } : {}),
  };
}

/** Who is behind a table's cells, each face with the numbers that are asked of its measure, or of the gate where nothing shows it. @param strips of its gate */
export function behindTable({ faces, rows }: LinkedTable, strips: readonly JobStrip[]): readonly Behind[] {
  const ofFace = faces.map((face) => {
    const same = strips.filter(({ spec, face: { measure } }) => spec.measures[face.measure]?.id === measure);
    const own = same.filter((strip) => (strip.face.face === 'total') === face.magnitude);
    return own.length > 0 ? own : same.length > 0 ? same : strips;
  });
  return strips.flatMap((strip): Behind[] => {
    const served = faces.flatMap((_, f) => (ofFace[f]?.includes(strip) === true ? [f] : []));
    if (served.length === 0 || !strip.repeatable) return [];
    const { sql, flat, keys } = strip.population;
    return [{
      faces: served, kind: strip.kind, face: { ...strip.face }, population: { sql, keys, flat: flat === null ? null : flatOf(flat, strip.face, keys) },
      units: rows.map((row) => strip.cells.get(keyOf(row.keys))?.population.units ?? 0),
    }];
  });
}

/** What of a population one face needs. */
function flatOf({ columns, ...parts }: SelectParts, { measure }: JobStrip['face'], keys: number): SelectParts {
  const needed = new Set(['u', 'r', `n${measure}`, `s${measure}`, ...Array.from({ length: keys }, (_, i) => `k${i}`)]);
  return { ...parts, columns: Object.fromEntries(Object.entries(columns).filter(([alias]) => needed.has(alias))) };
}

/**
 * Whether a withheld number has to stay so in whatever data it is asked for again, as long as nearly the same units are behind it: others
 * rest on it. Too few units are withheld by the rule itself; and what was withheld with everything around it covers nothing.
 */
function staysHidden({ rules }: Release['decided'][number], { withheld, assessments }: Release['decided'][number]['rows'][number], measure: number): boolean {
  return rules.secondary.value === 'required' && withheld[measure]?.whole !== true && assessments[measure]?.enoughUnits === true;
}

type MutableRecall = { -readonly [K in keyof Recalled]: Recalled[K] };

type Why = Pick<Overlap, 'how' | 'differing' | 'jobs' | 'sameRows'>;

const numberOf = ({ face, unit }: JobStrip['face']): RecalledFace => (face === 'units' ? { face, unit: unit ?? '' } : { face });

const faceName = ({ spec, face }: JobStrip, cell: StripCell): string => JSON.stringify([spec.id, face.measure, face.face, face.unit, keyOf(cell.keys)]);

/** A cell that has too few units of some kind does not leave, whatever else there is. */
function isEnough(strips: readonly JobStrip[], { spec, face }: JobStrip, cell: StripCell): boolean {
  return strips.every((other) => other.spec !== spec || other.face.measure !== face.measure || other.face.face !== face.face
    || (other.cells.get(keyOf(cell.keys))?.population.units ?? 0) >= other.min);
}

function put(recalled: MutableRecall, { spec, face }: JobStrip, value: bigint | null): void {
  if (value === null) {
    recalled.withheld = { ...recalled.withheld, ...(face.face === 'total' ? { total: true } : { count: true }) };
    return;
  }
  switch (face.face) {
    case 'count':
      recalled.count = value;
      if (spec.measures.find(({ id }) => id === face.measure)?.of.kind === 'rows') recalled.total = value;
      break;
    case 'total': recalled.total = value; break;
    case 'units': recalled.units = { ...recalled.units, ...(face.unit === null ? {} : { [face.unit]: value }) }; break;
  }
}

const isHiddenAgain = (recalled: Recalled | null, { face }: JobStrip): boolean => (face.face === 'total' ? recalled?.withheld?.total : recalled?.withheld?.count) === true;

function valueOf(published: Release['decided'][number]['rows'][number]['published'][number], { face }: JobStrip): bigint | null {
  switch (face.face) {
    case 'count': return published.count;
    case 'total': return published.total;
    case 'units': {
      const units = face.unit === null ? undefined : published.units[face.unit];
      return units !== undefined && 'exact' in units ? units.exact : null;
    }
  }
}

const overlapOf = ({ spec, face }: JobStrip, cell: StripCell, why: Why): Overlap =>
  ({ gate: spec.id, keys: cell.keys, measure: face.measure, face: face.face, ...why });
