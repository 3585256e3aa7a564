import { describe, expect, test } from 'vitest';
import { openPolicy } from '#contract/policy-open.ts';
import { release } from '#sandbox/release/release.ts';
import { AVG, COUNT, DISTRICT, evidence, gate, INCOME, manifest, policy, ROWS, SUM, units } from '../../support/gate.ts';

const rowsOf = (...args: Parameters<typeof release>) => {
  const released = release(...args);
  if (!released.ok) throw new Error(JSON.stringify(released.error));
  return released.value.tables[0]?.load.rows;
};

describe('public keys', () => {
  const universe = [['C'], ['A'], ['B']];

  test('a cell of min − 1 units and an empty one look the same, and both come back', () => {
    const one = rowsOf([gate({}, [{ keys: ['A'], evidence: [units(10)] }, { keys: ['B'], evidence: [units(9)] }], universe)], [policy()]);
    expect(one).toEqual([['A', '10', false], ['B', null, true], ['C', null, true]]);
    const other = rowsOf([gate({}, [{ keys: ['A'], evidence: [units(10)] }], universe)], [policy()]);
    expect(other).toEqual(one);
  });

  test('publishable zeros come back as 0, and the sum of nothing as a plain NULL', () => {
    const rows = rowsOf([gate({ measures: [ROWS, INCOME], outputs: [COUNT, SUM, AVG] }, [{ keys: ['B'], evidence: [units(9), units(9)] }], universe)], [policy({ zeros: 'publishable' })]);
    expect(rows).toEqual([['A', '0', null, null, false, false, false], ['B', null, null, null, true, true, true], ['C', '0', null, null, false, false, false]]);
  });
});

describe('other keys', () => {
  test('a row that fails does not exist; one whose group is large enough keeps its key', () => {
    const spec = { keys: [{ ...DISTRICT, public: false }], measures: [ROWS, INCOME], outputs: [COUNT, SUM] };
    const cells = [
      { keys: ['A'], evidence: [units(9), units(9)] },
      { keys: ['B'], evidence: [units(10), units(3)] },
      { keys: ['C'], evidence: [units(20), units(20)] },
    ];
    expect(rowsOf([gate(spec, cells, null)], [policy()])).toEqual([['B', '10', null, false, true], ['C', '20', '20', false, false]]);
  });
});

test('an aggregate without GROUP BY has one row, withheld or not', () => {
  expect(rowsOf([gate({ keys: [] }, [{ keys: [], evidence: [units(3)] }], null)], [policy()])).toEqual([[null, true]]);
  expect(rowsOf([gate({ keys: [] }, [], null)], [policy()])).toEqual([[null, true]]);
});

test('dominance withholds sum and average, not the count', () => {
  const values = [1000, ...Array.from({ length: 20 }, () => 1)];
  const spec = { measures: [ROWS, INCOME], outputs: [COUNT, SUM, AVG] };
  const rows = rowsOf([gate(spec, [{ keys: ['A'], evidence: [units(21), evidence(values)] }], [['A']])], [policy({ dominance: [{ rule: 'p-percent', p: 10 }] })]);
  expect(rows).toEqual([['A', '21', null, null, false, true, true]]);
});

test('open withholds nothing and completes nothing', () => {
  const cells = [{ keys: ['A'], evidence: [units(1), evidence([7])] }];
  const rows = rowsOf([gate({ measures: [ROWS, INCOME], outputs: [COUNT, SUM, AVG] }, cells, [['A'], ['B']])], [{ manifest: manifest(), policy: openPolicy('city', [manifest()]) }]);
  expect(rows).toEqual([['A', '1', '7', 7, false, false, false]]);
});

test('where the policy says so, one failing cell withholds its table; an empty one does not', () => {
  const rules = policy({ withhold: 'table', zeros: 'publishable' });
  const universe = [['A'], ['B'], ['C']];
  const failing = [{ keys: ['A'], evidence: [units(10)] }, { keys: ['B'], evidence: [units(9)] }];
  expect(rowsOf([gate({}, failing, universe)], [rules])).toEqual([['A', null, true], ['B', null, true], ['C', null, true]]);
  expect(rowsOf([gate({}, failing.slice(0, 1), universe)], [rules])).toEqual([['A', '10', false], ['B', '0', false], ['C', '0', false]]);
});
