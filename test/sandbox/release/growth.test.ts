/** What comes after reading the cells of a gate takes time that grows with the number of its groups, not with its square. */
import { expect, test } from 'vitest';
import type { Cell, GateCells, KeyColumn } from '#sandbox/release/cells.ts';
import { release } from '#sandbox/release/release.ts';
import { gate, policy, units } from '../../support/gate.ts';

const KEY: KeyColumn = { name: 'n', type: 'BIGINT', public: false, of: 'city.residents.n' };
const PART: KeyColumn = { name: 'part', type: 'BIGINT', public: false, of: 'city.residents.part' };

const cells = (groups: number, keys: (i: number) => Cell['keys']): readonly Cell[] => Array.from({ length: groups }, (_, i) => ({ keys: keys(i), evidence: [units(i % 7 === 0 ? 3 : 12)] }));
const one = (groups: number): readonly GateCells[] => [gate({ keys: [KEY], relation: 'residents' }, cells(groups, (i) => [String(i)]), null)];
/** With the total of all, and crossed by another key. */
const withTotal = (groups: number): readonly GateCells[] => [...one(groups), gate({ id: 1, keys: [], relation: 'residents' }, [{ keys: [], evidence: [units(Array.from({ length: groups }, (_, i) => (i % 7 === 0 ? 3 : 12)).reduce((a, b) => a + b, 0))] }], null)];
const crossed = (groups: number): readonly GateCells[] => [...one(groups), gate({ id: 1, keys: [PART], relation: 'residents' }, cells(groups, (i) => [String(i)]), null)];

const rules = {
  'without secondary suppression': policy({ dominance: [{ rule: 'p-percent', p: 10 }] }),
  'with secondary suppression': policy({ secondary: 'required' }),
};

test.each([
  ['one table', 'without secondary suppression', one], ['one table', 'with secondary suppression', one],
  ['a table and its total', 'with secondary suppression', withTotal], ['two tables that cross', 'with secondary suppression', crossed],
] as const)('%s, %s', (_, by, tables) => {
  const time = (groups: number): number => {
    const gates = tables(groups);
    const began = process.cpuUsage();
    const released = release(gates, [rules[by]]);
    const { user, system } = process.cpuUsage(began);
    expect(released.ok).toBe(true);
    return user + system;
  };
  time(500);
  // Sixteen times the groups; their square would take 256 times as long.
  expect(time(24_000) / time(1500)).toBeLessThan(80);
});
