/** Units in classes by which cells they are in, how often, of several tables (`unit-cells.ts`). */
import { AmountsByClass, NO_AMOUNTS, type AmountsOf } from './amounts.ts';
import type { Coefficients } from './combinations.ts';
import { mixed } from './mix.ts';
import type { UnitAmounts, UnitCells, UnitCodes } from './unit-cells.ts';

export interface UnitClasses {
  /** By number of the class, from 1 on, in the order of the least record key of each. */
  readonly units: ReadonlyMap<number, number>;
  /** By table, as they were given, then by key text. */
  readonly cells: readonly ReadonlyMap<string, Coefficients>[];
  /** By number of the class; none where nobody asks. */
  readonly amounts: AmountsOf;
}

/** One statistic: its tables. */
export interface UnitStatistic {
  readonly tables: readonly UnitAmounts[];
  /** Whether it is asked what units add: of a unit in several cells, where it adds most. */
  readonly amounts: boolean;
}

/** For each statistic its own; those over the same cells have the same. */
export function classesByUnits(statistics: readonly UnitStatistic[], codes: UnitCodes): readonly UnitClasses[] {
  const made: { readonly of: readonly UnitCells[]; readonly classes: Classes }[] = [];
  return statistics.map(({ tables, amounts }) => {
    const of = tables.map((table) => table.of);
    const known = made.find((each) => each.of.length === of.length && each.of.every((cells, i) => cells === of[i]));
    const classes = known?.classes ?? classesOf(of, codes);
    if (known === undefined) made.push({ of, classes });
    return { units: classes.units, cells: classes.cells, amounts: amounts ? amountsByClass(tables, classes) : NO_AMOUNTS };
  });
}

interface Classes extends Pick<UnitClasses, 'units' | 'cells'> {
  /** Units that are in any cell, in the order of record keys; and by unit its class. */
  readonly inside: Int32Array;
  readonly classOf: Int32Array;
}

function classesOf(tables: readonly UnitCells[], codes: UnitCodes): Classes {
  const distinct = [...new Set(tables)];
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
  const coefficients = new Map(distinct.map((of) => [of, ofFirst(of, classOf, first)]));
  return { units: new Map(sizes.map((size, i) => [i + 1, size])), cells: tables.map((of) => coefficients.get(of) ?? new Map()), inside, classOf };
}

/**
 * 64 bits by unit, the same where a unit is in the same cells as often; and the units that are in any, in the order of record keys. They start from all
 * record keys together, which nobody knows who chooses tables so that theirs would be the same.
 */
function signatures(tables: readonly UnitCells[], codes: UnitCodes): { readonly low: Int32Array; readonly high: Int32Array; readonly inside: Int32Array } {
  const seen = new Uint8Array(codes.length);
  for (const { units } of tables) for (const unit of units) seen[unit] = 1;
  const records = new Uint32Array(seen.reduce((count, is) => count + is, 0));
  for (let unit = 0, at = 0; unit < seen.length; unit++) if (seen[unit] === 1) records[at++] = codes.recordOf(unit);
  records.sort();
  const [seed, other] = [digestOf(records, 1), digestOf(records, 2)];
  const [low, high] = [new Int32Array(codes.length), new Int32Array(codes.length)];
  let number = 0;
  for (const { starts, units, rows } of tables) {
    for (let cell = 0; cell + 1 < starts.length; cell++) {
      // Of the cells of all tables each has another one.
      const ofCell = mixed(++number ^ seed);
      for (let at = starts[cell]!; at < starts[cell + 1]!; at++) {
        const unit = units[at]!;
        const one = mixed(ofCell ^ Math.imul(rows[at]!, 0x85eb_ca6b));
        low[unit]! += one;
        high[unit]! += mixed(one ^ Math.imul(ofCell, 0x27d4_eb2f) ^ other);
      }
    }
  }
  return { low, high, inside: Int32Array.from(records, (record) => codes.codeOf(record)) };
}

const digestOf = (records: Uint32Array, start: number): number => records.reduce((digest, record) => mixed(digest ^ record), start);

/** By key text, over the first unit of each class: units come in the order of record keys, so classes in theirs. */
function ofFirst({ numbers, starts, units, rows }: UnitCells, classOf: Int32Array, first: readonly number[]): ReadonlyMap<string, Coefficients> {
  const cells = new Map<string, Coefficients>();
  for (const [key, cell] of numbers) {
    let count = 0;
    for (let at = starts[cell]!; at < starts[cell + 1]!; at++) if (first[classOf[units[at]!]! - 1] === units[at]) count++;
    const own: Coefficients = { classes: new Int32Array(count), rows: new Int32Array(count) };
    for (let at = starts[cell]!, to = 0; at < starts[cell + 1]!; at++) {
      const cls = classOf[units[at]!]!;
      if (first[cls - 1] !== units[at]) continue;
      own.classes[to] = cls;
      own.rows[to++] = rows[at]!;
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
