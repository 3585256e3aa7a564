/** Units in classes by which cells they are in, how often, of several tables (`unit-cells.ts`). */
import { AmountsByClass, NO_AMOUNTS, type AmountsOf } from './amounts.ts';
import type { Coefficients } from './combinations.ts';
import { mod } from './field.ts';
import { mixed } from './mix.ts';
import type { UnitAmounts, UnitCodes } from './unit-cells.ts';
import { countedCells, type CountedCells } from './unit-coefficients.ts';

export interface UnitClasses {
  /** By number of the class, from 1 on, in the order of the least record key of each. */
  readonly units: ReadonlyMap<number, number>;
  /** By table, as they were given, then by key text. */
  readonly cells: readonly ReadonlyMap<string, Coefficients>[];
  /** By number of the class; none where nobody asks. */
  readonly amounts: AmountsOf;
  /** Units that sums count by their rows although they do not add in proportion to them. */
  readonly byRows: number;
  /** The same with all units counted by their rows: fewer classes. Null where they are already. */
  readonly rowsOnly: (() => UnitClasses) | null;
}

/** One statistic: its tables. */
export interface UnitStatistic {
  readonly tables: readonly UnitAmounts[];
  /** Whether it is asked what units add: of a unit in several cells, where it adds most. */
  readonly amounts: boolean;
  /** Of sums: by table, that units add whole numbers of 10^-scale; null where they do not. Null of numbers of rows. */
  readonly scales: readonly (number | null)[] | null;
}

/** For each statistic its own; those over the same cells have the same. */
export function classesByUnits(statistics: readonly UnitStatistic[], codes: UnitCodes): readonly UnitClasses[] {
  const made: { readonly counted: readonly CountedCells[]; readonly classes: Classes }[] = [];
  return statistics.map(({ tables, amounts, scales }) => {
    const classed = (counted: readonly CountedCells[]): Omit<UnitClasses, 'byRows' | 'rowsOnly'> => {
      const known = made.find((each) => each.counted.length === counted.length && each.counted.every(({ of, exact }, i) => exact === null && counted[i]?.exact === null && of === counted[i].of));
      const classes = known?.classes ?? classesOf(counted, codes);
      if (known === undefined) made.push({ counted, classes });
      return { units: classes.units, cells: classes.cells, amounts: amounts ? amountsByClass(tables, classes) : NO_AMOUNTS };
    };
    const { tables: counted, uneven } = countedCells(tables, scales, codes.length);
    const isByRows = counted.every(({ exact }) => exact === null);
    const rowsOnly = (): UnitClasses => ({ ...classed(counted.map(({ of }) => ({ of, exact: null }))), byRows: uneven, rowsOnly: null });
    return isByRows ? rowsOnly() : { ...classed(counted), byRows: 0, rowsOnly };
  });
}

interface Classes extends Pick<UnitClasses, 'units' | 'cells'> {
  /** Units that are in any cell, in the order of record keys; and by unit its class. */
  readonly inside: Int32Array;
  readonly classOf: Int32Array;
}

function classesOf(tables: readonly CountedCells[], codes: UnitCodes): Classes {
  const distinct = onceEach(tables);
  const { low, high, inside } = signatures(distinct, codes);
  const classOf = new Int32Array(codes.length);
  const first: number[] = [];
  const sizes: number[] = [];
  const slots = new Int32Array(2 ** (33 - Math.clz32(inside.length)));
  for (const unit of inside) {
    let at = (low[unit]! ^ Math.imul(high[unit]!, 0x85eb_ca6b)) & (slots.length - 1);
    while (slots[at] !== 0 && (low[first[slots[at]! - 1]!] !== low[unit] || high[first[slots[at]! - 1]!] !== high[unit])) at = (at + 1) & (slots.length - 1);
    if (slots[at] === 0) slots[at] = first.push(unit);
    const cls = slots[at]!;
    classOf[unit] = cls;
    sizes[cls - 1] = (sizes[cls - 1] ?? 0) + 1;
  }
  const coefficients = distinct.map((table) => ofFirst(table, classOf, first));
  return { units: new Map(sizes.map((size, i) => [i + 1, size])), cells: tables.map((table) => coefficients[distinct.findIndex((other) => isSame(table, other))] ?? new Map()), inside, classOf };
}

const isSame = (a: CountedCells, b: CountedCells): boolean => a.of === b.of && a.exact === b.exact;

const onceEach = (tables: readonly CountedCells[]): readonly CountedCells[] => tables.filter((table, t) => tables.findIndex((other) => isSame(table, other)) === t);

/**
 * 64 bits by unit, the same where a unit counts as much in the same cells; and the units that are in any, in the order of record keys. They start from all
 * record keys together, which nobody knows who chooses tables so that theirs would be the same.
 */
function signatures(tables: readonly CountedCells[], codes: UnitCodes): { readonly low: Int32Array; readonly high: Int32Array; readonly inside: Int32Array } {
  const seen = new Uint8Array(codes.length);
  for (const { of: { units } } of tables) for (const unit of units) seen[unit] = 1;
  const records = new Uint32Array(seen.reduce((count, is) => count + is, 0));
  for (let unit = 0, at = 0; unit < seen.length; unit++) if (seen[unit] === 1) records[at++] = codes.recordOf(unit);
  records.sort();
  const [seed, other] = [digestOf(records, 1), digestOf(records, 2)];
  const [low, high] = [new Int32Array(codes.length), new Int32Array(codes.length)];
  let number = 0;
  for (const { of: { starts, units, rows }, exact } of tables) {
    for (let cell = 0; cell + 1 < starts.length; cell++) {
      // Of the cells of all tables each has another one.
      const ofCell = mixed(++number ^ seed);
      for (let at = starts[cell]!; at < starts[cell + 1]!; at++) {
        const unit = units[at]!;
        const counts = exact === null ? rows[at]! : exact[at]!;
        if (counts === 0) continue;
        // Two halves, either of which goes into all bits of both words.
        const upper = exact === null ? 0 : Math.floor(counts / 2 ** 32);
        const one = mixed(ofCell ^ Math.imul(counts, 0x85eb_ca6b));
        low[unit]! += upper === 0 ? one : mixed(one ^ upper);
        high[unit]! += mixed(mixed(one ^ Math.imul(ofCell, 0x27d4_eb2f) ^ other) + Math.imul(upper, 0x1656_67b1));
      }
    }
  }
  return { low, high, inside: Int32Array.from(records, (record) => codes.codeOf(record)) };
}

const digestOf = (records: Uint32Array, start: number): number => records.reduce((digest, record) => mixed(digest ^ record), start);

/** By key text, over the first unit of each class: units come in the order of record keys, so classes in theirs. */
function ofFirst({ of: { numbers, starts, units, rows }, exact }: CountedCells, classOf: Int32Array, first: readonly number[]): ReadonlyMap<string, Coefficients> {
  const cells = new Map<string, Coefficients>();
  for (const [key, cell] of numbers) {
    const isTold = (at: number): boolean => first[classOf[units[at]!]! - 1] === units[at] && exact?.[at] !== 0;
    let count = 0;
    for (let at = starts[cell]!; at < starts[cell + 1]!; at++) if (isTold(at)) count++;
    const own = { classes: new Int32Array(count), rows: new Int32Array(count), ...(exact === null ? {} : { exact: new Float64Array(count) }) };
    for (let at = starts[cell]!, to = 0; at < starts[cell + 1]!; at++) {
      if (!isTold(at)) continue;
      own.classes[to] = classOf[units[at]!]!;
      own.rows[to] = exact === null ? rows[at]! : mod(exact[at]!);
      if (own.exact !== undefined) own.exact[to] = exact![at]!;
      to++;
    }
    cells.set(key, own);
  }
  return cells;
}

function amountsByClass(tables: readonly UnitAmounts[], { inside, classOf, units: sizes }: Classes): AmountsByClass {
  const amounts = new Float64Array(classOf.length);
  for (const { of: { units, rows }, amounts: own } of tables) {
    for (let at = 0; at < units.length; at++) {
      const amount = own === null ? rows[at]! : own[at]!;
      if (Math.abs(amount) > Math.abs(amounts[units[at]!]!)) amounts[units[at]!] = amount;
    }
  }
  return new AmountsByClass(classOf, amounts, inside, sizes.size + 1);
}
