/** Asks the engine who is behind the groups of a gate. What was asked before of the same data is not asked again. */
import type { Value } from '#contract/table.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { toWire, type EngineValue } from '../engine/value.ts';
import type { Face } from './face.ts';
import type { Population } from './memory.ts';
import { Lru } from '../lru.ts';
import { FACE_COLUMNS, facesAtOnce, populationsSql, type PopulationSql } from './population-sql.ts';
import { SKETCH_WORDS } from './sketch.ts';
import { classesByUnits, type UnitClasses } from './unit-classes.ts';
import { KeptUnitCells, type UnitAmounts } from './unit-cells.ts';
import { askedOf, conditionOf, KeptRows, sumOf, UnitRows, type CountedRows } from './unit-rows.ts';

/** Values that one question of the ledger may read. */
export const MAX_CELLS = 20_000_000;

/** Groups times faces that are kept. */
const KEPT = 50_000;

export interface PopulationGroup {
  /** The text by which the engine knows its keys. */
  readonly key: string;
  readonly keys: readonly Value[];
  /** In the order of the faces that were asked for. */
  readonly faces: readonly Population[];
  /** How often one unit counts at most: rows, or values that are added up. */
  readonly times: number;
}

/** What a worker, whose snapshots never change, has been told: kept by the text of the question, which tells nothing about data. */
export class KeptPopulations {
  #hidden = '';
  answers = new Lru<readonly PopulationGroup[]>(KEPT, (groups) => 1 + groups.length * (groups[0]?.faces.length ?? 0));
  rows = new KeptRows();
  units = new KeptUnitCells();

  /** @param hidden names who is left out of the data: with others, everything is another answer */
  at(hidden: string): KeptPopulations {
    if (hidden === this.#hidden) return this;
    const other = new KeptPopulations();
    [this.#hidden, this.answers, this.rows, this.units] = [hidden, other.answers, other.rows, other.units];
    return this;
  }
}

/** One number of a population. */
export interface FaceOf {
  readonly population: PopulationSql;
  readonly face: Face;
}

/** With what units add, where that is whole numbers of 10^-scale. */
export interface Added extends FaceOf {
  readonly scale: number | null;
}

export class Populations {
  readonly #data: DataSession;
  readonly #kept: KeptPopulations;
  /** Questions of this job that cannot be answered. */
  readonly #unread = new Set<string>();

  constructor(data: DataSession, kept: KeptPopulations) {
    this.#data = data;
    this.#kept = kept;
  }

  /**
   * In the order of key texts. Null where the engine cannot answer: a question of another time may name what is no longer there.
   * @param lasting whether the same question has the same answer in another job
   */
  async read(population: PopulationSql, faces: readonly Face[], lasting: boolean): Promise<readonly PopulationGroup[] | null> {
    const here = lasting ? await this.inMemory(faces.map((face) => ({ population, face }))) : null;
    if (here !== null) return counted(here, population, faces);
    let all: readonly PopulationGroup[] | null = null;
    for (const part of facesAtOnce(faces)) {
      const groups = await this.#ask(population, part, lasting);
      if (groups === null) return null;
      // The same groups in the same order.
      all = all === null ? groups : all.map((group, i) => ({ ...group, times: Math.max(group.times, groups[i]?.times ?? 0), faces: [...group.faces, ...(groups[i]?.faces ?? [])] }));
    }
    return all ?? [];
  }

  /**
   * The rows behind these numbers, where all are over the same stored table with one row of each unit. Null where the engine has to be asked.
   * @param amounts sums of which it is also needed what each row adds
   */
  async inMemory(numbers: readonly FaceOf[], amounts: readonly string[] = []): Promise<{ readonly rows: UnitRows; readonly counted: readonly CountedRows[] } | null> {
    const flat = numbers.flatMap(({ population, face }) => (population.flat?.stored === true ? [{ flat: population.flat, face, asked: askedOf(population.flat, population.keys) }] : []));
    const [first] = flat;
    if (first === undefined || flat.length < numbers.length || flat.some(({ asked }) => asked.from !== first.asked.from || asked.record !== first.asked.record)) return null;
    const conditions = flat.flatMap(({ flat: own, face, asked }) => [...(asked.where === null ? [] : [asked.where]), conditionOf(own, face) ?? []].flat());
    const sums = flat.flatMap(({ flat: own, face }) => (face.face === 'total' ? [sumOf(own, face)] : []));
    const wanted = { keys: new Set(flat.flatMap(({ asked }) => asked.keys)), conditions: new Set(conditions), sums: new Set(sums), amounts: new Set(amounts) };
    const rows = await UnitRows.open(first.asked.from, first.asked.record, wanted, this.#kept.rows, this.#data);
    if (rows === null) return null;
    const found = flat.map(({ flat: own, face, asked }): CountedRows | null => {
      const cells = rows.cells(asked);
      const condition = conditionOf(own, face);
      return cells === null ? null : { cells, counts: condition === null ? null : rows.counts(condition) };
    });
    return found.includes(null) ? null : { rows, counted: found.filter((each) => each !== null) };
  }

  /**
   * Units in classes by the cells of these numbers: for each statistic its own. Null where there are too many, or the engine cannot answer.
   * @param statistics with `amounts` it is asked what units add at most
   */
  async byUnits(statistics: readonly { readonly numbers: readonly Added[]; readonly amounts: boolean }[]): Promise<readonly UnitClasses[] | null> {
    const asked = statistics.flatMap(({ numbers }) => numbers.map((number) => ({ population: number.population, face: number.face, number })));
    const tables = new Map<FaceOf, UnitAmounts>();
    for (const of of Map.groupBy(asked, ({ population: { sql } }) => sql).values()) {
      const [first] = of;
      if (first === undefined || this.#unread.has(first.population.sql)) return null;
      const read = await this.#kept.units.read(first.population, of.map(({ face }) => face), this.#data);
      if (read === null) {
        this.#unread.add(first.population.sql);
        return null;
      }
      of.forEach(({ number }, i) => {
        const table = read[i];
        if (table !== undefined) tables.set(number, table);
      });
    }
    return classesByUnits(statistics.map(({ numbers, amounts }) => ({
      tables: numbers.flatMap((number) => tables.get(number) ?? []), amounts,
      scales: numbers.some(({ face }) => face.face === 'total') ? numbers.map(({ scale }) => scale) : null,
    })), this.#kept.units.codes);
  }

  async #ask(population: PopulationSql, faces: readonly Face[], lasting: boolean): Promise<readonly PopulationGroup[] | null> {
    const sql = populationsSql(population, faces);
    const known = lasting ? this.#kept.answers.get(sql) : undefined;
    if (known !== undefined) return known;
    const read = await this.#data.cells(sql, MAX_CELLS);
    if (!read.ok) return null;
    const groups = read.value.rows().map((row): PopulationGroup => ({
      keys: row.slice(0, population.keys).map((value) => toWire(value)),
      key: String(row[population.keys]),
      times: Number(row[population.keys + 1]),
      faces: faces.map((_, f) => decode(row, population.keys + 2 + f * FACE_COLUMNS)),
    })).sort((a, b) => (a.key < b.key ? -1 : 1));
    if (lasting) this.#kept.answers.set(sql, groups);
    return groups;
  }
}

function counted({ rows, counted: numbers }: { readonly rows: UnitRows; readonly counted: readonly CountedRows[] }, { flat }: PopulationSql, faces: readonly Face[]): readonly PopulationGroup[] {
  const [first] = numbers;
  if (first === undefined || flat === null) return [];
  const populations = numbers.map((each, f) => rows.populations(each, faces[f]?.face === 'total' ? sumOf(flat, faces[f]) : null));
  const { keys, texts } = first.cells;
  return texts.map((key, cell): PopulationGroup => ({ key, keys: keys[cell] ?? [], times: 1, faces: populations.flatMap((of) => of[cell] ?? []) })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

function decode(row: readonly EngineValue[], at: number): Population {
  const sketch = new Uint32Array(SKETCH_WORDS);
  for (let w = 0; 2 * w < SKETCH_WORDS; w++) {
    const bits = whole(row[at + 3 + w]);
    if (bits === 0n) continue;
    sketch[2 * w] = Number(bits & 0xffff_ffffn);
    sketch[2 * w + 1] = Number(bits >> 32n);
  }
  const smallest = row[at + 2];
  return { units: Number(whole(row[at])), fingerprint: whole(row[at + 1]), sketch, smallest: typeof smallest === 'string' ? Uint32Array.from(smallest.split(','), Number) : new Uint32Array() };
}

/** NULL stands for the XOR of nothing. */
const whole = (value: EngineValue | undefined): bigint => (typeof value === 'bigint' ? value : 0n);
