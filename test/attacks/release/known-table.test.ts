/**
 * Whoever knows an agency's perturbation table, against counts of a few cells and of all their unions. By the form of the ONS the key of a cell is a sum of
 * eight bits, so that keys of cells that make up another add up to its own: each noisy count of a union rules out six in seven
 * choices of keys, until one is left, and with it every exact count. Run against that form, where it must succeed, and against keys that are
 * derived from the sum under the domain's key (decision 23).
 */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ONS_COUNTS, ONS_KEYS } from '#contract/ons-table.ts';
import { CellKeyNoise } from '#sandbox/sdc/cell-key/noise.ts';
import { onsTable } from '#sandbox/sdc/cell-key/ons.ts';
import { spread } from '../../support/spread.ts';

/** −3 … 3 in another order for each count. */
const table = onsTable(Int8Array.from({ length: ONS_COUNTS * ONS_KEYS }, (_, i) => (spread(i, 'known table') % 7) - 3));
const domain = new CellKeyNoise(table, () => createHash('sha256').update('domain').digest());

interface Cell { readonly count: number; readonly key: number }
const CELLS: readonly Cell[] = [23, 41, 37, 58, 30].map((count, i) => ({ count, key: spread(i, 'cells') }));

/** What the operator is told of cells together. */
type Told = (cells: readonly Cell[]) => number;
const add = (cells: readonly Cell[]): Cell => cells.reduce((sum, { count, key }) => ({ count: sum.count + count, key: (sum.key + key) % 2 ** 32 }), { count: 0, key: 0 });
const asTheForm: Told = (cells) => {
  const { count, key } = add(cells);
  return count + Number(table.noise(BigInt(count), key));
};
const asReleased: Told = (cells) => {
  const { count, key } = add(cells);
  return count + Number(domain.count(BigInt(count), key, 'person'));
};

/** Choices of count and key of the first cells that explain all that was told of them and their unions. */
function explained(told: Told): readonly (readonly Cell[])[] {
  let choices: readonly (readonly Cell[])[] = [[]];
  for (const [i, cell] of CELLS.entries()) {
    // Every union of this cell with some of those before, by bits.
    const answers = Array.from({ length: 2 ** i }, (_, others) => told([cell, ...CELLS.slice(0, i).filter((_one, j) => (others >> j) % 2 === 1)]));
    const alone = Array.from({ length: 7 }, (_, d) => (answers[0] ?? 0) + d - 3)
      .flatMap((count) => Array.from({ length: ONS_KEYS }, (_, key) => ({ count, key })).filter((one) => one.count + Number(table.noise(BigInt(one.count), one.key)) === answers[0]));
    choices = choices.flatMap((before) => {
      const sums = Array.from({ length: 2 ** i }, (_, others) => add(before.filter((_one, j) => (others >> j) % 2 === 1)));
      return alone.filter((one) => answers.every((answer, others) => {
        const { count, key } = add([sums[others]!, one]);
        return count + Number(table.noise(BigInt(count), key)) === answer;
      })).map((one) => [...before, one]);
    });
  }
  return choices;
}

const right = (choices: readonly (readonly Cell[])[]): boolean => choices.length > 0 && choices.every((choice) => choice.every(({ count }, i) => count === CELLS[i]?.count));

describe('thirty-one counts of five cells and their unions', () => {
  test('by the form’s own keys every exact count is found', () => {
    expect(right(explained(asTheForm))).toBe(true);
  }, 60_000);

  test('as they are released no choice of keys explains them: there is nothing to find', () => {
    expect(explained(asReleased)).toEqual([]);
  }, 60_000);
});
