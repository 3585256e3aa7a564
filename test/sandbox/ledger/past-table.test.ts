/** Tables that left, as they are kept: packed, found again by base and data, and never more than a job can take in. */
import { describe, expect, test } from 'vitest';
import { openDelta, sealDelta } from '#sandbox/ledger/delta.ts';
import { baseOf, packTable, rootsOf, unpackTable } from '#sandbox/ledger/past-table.ts';
import { PastTables } from '#sandbox/ledger/past-tables.ts';
import { linkedTable, type LinkedTable } from '#sandbox/release/linked-table.ts';
import { release } from '#sandbox/release/release.ts';
import fc from '../../support/fast-check.ts';
import { policy } from '../../support/gate.ts';
import { gateOf, persons, questions, STATISTICS, type Person, type Question } from '../../support/linked-session.ts';

const KEY = new Uint8Array(32).fill(3);
const random = (bytes: number) => new Uint8Array(bytes).fill(9);
const DATA = [{ dataset: 'data', snapshot: null }];

function tableOf(people: readonly Person[], question: Question): LinkedTable {
  const released = release([gateOf(people, question, 0)], [policy(STATISTICS, 'data')]);
  if (!released.ok) throw new Error('not released');
  const gate = released.value.decided[0]!;
  return linkedTable(gate, gate.gate.place!);
}

const PEOPLE = fc.sample(persons, { numRuns: 1, seed: 2 })[0]!;
const whole = (by: Question['by']): LinkedTable => tableOf(PEOPLE, { by, filter: { a: null, b: null, c: null }, branch: null, sums: false });

test('a table comes back as it was packed, through a sealed delta', () => {
  fc.assert(fc.property(persons, fc.boolean().chain(questions), (people, question) => {
    const table = tableOf(people, question);
    const packed = packTable(table, DATA);
    expect(unpackTable(packed)).toEqual(table);
    const opened = openDelta(KEY, 'job_1', sealDelta(KEY, 'job_1', { strips: [], tables: [packed] }, random)).tables;
    expect(opened).toEqual([packed]);
    expect(unpackTable(opened[0]!)).toEqual(table);
  }), { numRuns: 60 });
});

test('the same table packs to the same bytes: asked again, it adds nothing', () => {
  const tables = new PastTables();
  tables.add(packTable(whole(['a']), DATA));
  expect(tables.has(packTable(whole(['a']), DATA))).toBe(true);
  expect(tables.has(packTable(whole(['b']), DATA))).toBe(false);
  expect(tables.has(packTable(whole(['a']), [{ dataset: 'other', snapshot: null }]))).toBe(false);
});

describe('what a job takes in', () => {
  const select = (tables: PastTables, by: Question['by'], isOpen = () => true) => tables.select(baseOf('t'), new Set(rootsOf(whole(by))), isOpen);

  test('is what left of the same rows of the same data, the oldest first', () => {
    const tables = new PastTables();
    const [first, second] = [whole(['a']), whole(['b'])];
    for (const table of [first, second]) tables.add(packTable(table, DATA));
    expect(select(tables, ['a'])).toEqual({ tables: [first, second], exact: true });
    expect(select(tables, ['a'], () => false)).toEqual({ tables: [], exact: true });
    expect(tables.select(baseOf('another'), new Set(), () => true)).toEqual({ tables: [], exact: true });
  });

  test('has a bound: tables that share dimensions go before others, and it is said that not all were looked at', () => {
    const tables = new PastTables();
    const same = whole(['a']);
    tables.add(packTable(same, DATA));
    // Sixty-four newer ones, of another dimension and each with another condition.
    const others = Array.from({ length: 64 }, (_, i): LinkedTable => {
      const table = whole(['b']);
      return { ...table, place: { ...table.place, measures: table.place.measures.map((measure) => ({ ...measure, rest: [`c${i}`] })) } };
    });
    for (const table of others) tables.add(packTable(table, DATA));
    const { tables: chosen, exact } = select(tables, ['a']);
    expect(exact).toBe(false);
    expect(chosen).toHaveLength(64);
    expect(chosen[0]).toEqual(same);
    expect(chosen.at(-1)).toEqual(others.at(-1));
  });
});
