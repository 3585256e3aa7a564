import { expect, test } from 'vitest';
import { release } from '#sandbox/release/release.ts';
import { ReleasedResult, ReleasedTable } from '#sandbox/release/released-table.ts';
import type { LoadForm } from '#sandbox/release/released-table.ts';
import { gate, policy, units } from '../../support/gate.ts';

const released = release([gate({}, [{ keys: ['A'], evidence: [units(12)] }, { keys: ['B'], evidence: [units(2)] }], [['A'], ['B']])], [policy()]);
if (!released.ok) throw new Error('not released');
const [table] = released.value.tables;
if (table === undefined) throw new Error('no table');

const raw = { gate: 0, load: { columns: [], rows: [] } satisfies LoadForm, withheldAtPublicKeys: 0 };

test('raw is refused by type and at run time', () => {
  // @ts-expect-error an object literal is not a released table
  const faked: ReleasedTable = raw;
  // @ts-expect-error the constructor is private
  expect(() => new ReleasedTable(0, raw.load, 0)).not.toThrow();
  // @ts-expect-error so is the result's
  expect(() => new ReleasedResult({ columns: [], rows: [], withheld: [] })).not.toThrow();
  // @ts-expect-error an object literal is not a released result
  const result: ReleasedResult = { table: { columns: [], rows: [], withheld: [] } };
  expect(ReleasedTable.is(faked)).toBe(false);
  expect(ReleasedTable.is(JSON.parse(JSON.stringify(table)))).toBe(false);
  expect(ReleasedTable.is(table)).toBe(true);
  expect(ReleasedResult.is(result)).toBe(false);
  // @ts-expect-error raw tables are no source
  expect(() => ReleasedResult.of([raw], { columns: [], rows: [], ordered: false })).toThrow();
});

test('the load form has keys, values and one flag for each value', () => {
  expect(table.load.columns).toEqual([
    { name: 'district', type: 'VARCHAR', role: 'key' },
    { name: 'n', type: 'BIGINT', role: 'value' },
    { name: '__withheld_n', type: 'BOOLEAN', role: 'flag' },
  ]);
  expect(table.load.rows).toEqual([['A', '12', false], ['B', null, true]]);
});

test('a flagged value of the rest is withheld whatever the engine computed for it', () => {
  const { table: result } = ReleasedResult.of([table], {
    columns: [{ name: 'd', type: 'VARCHAR', flag: null }, { name: 'twice', type: 'BIGINT', flag: 2 }],
    rows: [['B', '14', true], ['A', '24', false]],
    ordered: false,
  });
  expect(result).toEqual({ columns: [{ name: 'd', type: 'VARCHAR' }, { name: 'twice', type: 'BIGINT' }], rows: [['A', '24'], ['B', null]], withheld: [[1, 1]] });
});

test('an order that the query fixed is kept', () => {
  const { table: result } = ReleasedResult.of([table], { columns: [{ name: 'n', type: 'BIGINT', flag: null }], rows: [['9'], ['10'], ['8']], ordered: true });
  expect(result.rows).toEqual([['9'], ['10'], ['8']]);
  const canonical = ReleasedResult.of([table], { columns: [{ name: 'n', type: 'BIGINT', flag: null }], rows: [['9'], ['10'], ['8']], ordered: false });
  expect(canonical.table.rows).toEqual([['8'], ['9'], ['10']]);
});
