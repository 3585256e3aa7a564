/** Tables that left, as they are kept: packed, found again by base and data, and never more than a job can take in. */
import { describe, expect, test } from 'vitest';
import { openDelta, sealDelta } from '#sandbox/ledger/delta.ts';
import { baseOf, faceOf, packTable, unpackTable } from '#sandbox/ledger/past-table.ts';
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
  tables.add(packTable(whole(['a']), DATA), 'job');
  expect(tables.has(packTable(whole(['a']), DATA))).toBe(true);
  expect(tables.has(packTable(whole(['b']), DATA))).toBe(false);
  expect(tables.has(packTable(whole(['a']), [{ dataset: 'other', snapshot: null }]))).toBe(false);
});

test('what an agency entered counts for later jobs until it is withdrawn, and never in the place of what a job released', () => {
  const [tables, entry, other] = [new PastTables(), `entry_${'0'.repeat(26)}`, `entry_${'1'.repeat(26)}`];
  const [first, second] = [packTable(whole(['a']), DATA), packTable(whole(['b']), DATA)];
  tables.add(first, entry);
  tables.add(second, other);
  expect([tables.has(first), tables.has(second)]).toEqual([false, false]);
  tables.add(packTable(whole(['a']), DATA), 'job');
  expect(tables.has(first)).toBe(true);
  const here = () => tables.select(baseOf('t'), null, 1_000).tables;
  expect(here()).toHaveLength(3);
  tables.forget(entry);
  // The job's own stays, though it is the same.
  expect(here()).toEqual([second, first]);
  tables.forget(other);
  tables.forget(`entry_${'2'.repeat(26)}`);
  expect(here()).toEqual([first]);
});

describe('what a job takes in', () => {
  const faces = (table: LinkedTable) => new Set(table.faces.map(({ key }) => faceOf(key)));
  const select = (tables: PastTables, of: LinkedTable, most = 1_000) => {
    const { tables: chosen, unseen } = tables.select(baseOf('t'), faces(of), most);
    return { tables: chosen.map((table) => tables.unpack(table)), unseen };
  };
  /** The same rows under a condition that no set of atoms describes: another statistic. */
  const under = (condition: string, table: LinkedTable): LinkedTable => ({
    ...table, place: { ...table.place, measures: table.place.measures.map((measure) => ({ ...measure, rest: [condition] })) }, faces: table.faces.map((face) => ({ ...face, key: `${condition} ${face.key}` })),
  });

  test('is what left of the same numbers of the same rows, the oldest first', () => {
    const tables = new PastTables();
    const [first, second] = [whole(['a']), whole(['b'])];
    for (const table of [first, under('x', first), second]) tables.add(packTable(table, DATA), 'job');
    expect(select(tables, first)).toEqual({ tables: [first, second], unseen: new Set() });
    expect(tables.select(baseOf('another'), faces(first), 1_000)).toEqual({ tables: [], unseen: new Set() });
  });

  test('does not depend on how much else has left', () => {
    const tables = new PastTables();
    const same = whole(['a']);
    tables.add(packTable(same, DATA), 'job');
    for (let i = 0; i < 1_000; i++) tables.add(packTable(under(`c${i}`, whole(['b'])), DATA), 'job');
    expect(select(tables, same)).toEqual({ tables: [same], unseen: new Set() });
  });

  test('has a bound: what does not fit is left out alone, and it is said of which numbers', () => {
    const tables = new PastTables();
    const [small, large] = [whole(['a']), whole(['a', 'b'])];
    for (const table of [small, large]) tables.add(packTable(table, DATA), 'job');
    const most = small.rows.length;
    expect(large.rows.length).toBeGreaterThan(most);
    expect(select(tables, small, most)).toEqual({ tables: [small], unseen: faces(small) });
    expect(select(tables, under('x', small), most)).toEqual({ tables: [], unseen: new Set() });
  });
});
