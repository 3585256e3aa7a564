import { expect, test } from 'vitest';
import { CellIndex } from '#sandbox/release/crossing.ts';
import { Grid, type Box } from '#sandbox/release/grid.ts';
import type { AtomSet } from '#sandbox/release/place.ts';
import fc from '../../support/fast-check.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
const atomSet = fc.record({ negated: fc.boolean(), atoms: fc.subarray(NAMES) });
/** Null stands for all atoms that nobody names. */
const plain = ({ negated, atoms }: AtomSet, closed: boolean): ReadonlySet<string | null> => {
  const all = [...NAMES, ...(closed ? [] : [null])];
  return new Set(all.filter((atom) => (atom !== null && atoms.includes(atom)) !== negated));
};
const gridOf = (closed: boolean, roots = 1): Grid => new Grid(new Map(Array.from({ length: roots }, (_, i) => [`root${i}`, new Set(NAMES)])), new Set(closed ? Array.from({ length: roots }, (_, i) => `root${i}`) : []));

test('sets of atoms, however they are written, are numbered as the sets they are', () => {
  fc.assert(fc.property(fc.boolean(), fc.array(atomSet, { minLength: 1, maxLength: 12 }), (closed, sets) => {
    const grid = gridOf(closed);
    const numbers = sets.map((set) => grid.setOf(0, set));
    const all = grid.members(0, 0);
    expect(grid.setOf(0, { negated: true, atoms: [] })).toBe(0);
    const names = new Map(all.map((atom, i) => [atom, NAMES[i] ?? null]));
    const asPlain = (set: number): ReadonlySet<string | null> => new Set(grid.members(0, set).map((atom) => names.get(atom) ?? null));
    sets.forEach((a, i) => {
      const [one, own] = [numbers[i] ?? -1, plain(a, closed)];
      expect(asPlain(one)).toEqual(own);
      expect(grid.sizeOf(0, one)).toBe(own.size);
      sets.forEach((b, j) => {
        const [other, theirs] = [numbers[j] ?? -1, plain(b, closed)];
        expect(one === other).toBe(own.symmetricDifference(theirs).size === 0);
        expect(asPlain(grid.intersection(0, one, other))).toEqual(own.intersection(theirs));
        expect(grid.isWithin(0, one, other)).toBe(own.isSubsetOf(theirs));
      });
    });
  }));
});

test('tables cross where some cell of one has an atom of every dimension in common with some cell of the other', () => {
  const box = fc.array(fc.record({ negated: fc.constantFrom(false, false, false, true), atoms: fc.subarray(NAMES, { maxLength: 3 }) }), { minLength: 3, maxLength: 3 });
  const table = fc.array(box, { maxLength: 8 });
  fc.assert(fc.property(fc.boolean(), table, table, (closed, a, b) => {
    const grid = gridOf(closed, 3);
    const boxesOf = (of: readonly (readonly AtomSet[])[]): readonly Box[] => of.map((sets) => sets.map((set, root) => grid.setOf(root, set))).filter((each) => !grid.isEmpty(each));
    const [one, other] = [boxesOf(a), boxesOf(b)];
    const meet = one.some((x) => other.some((y) => x.every((set, root) => grid.sizeOf(root, grid.intersection(root, set, y[root] ?? 0)) > 0)));
    expect(new CellIndex(grid, one).crosses(new CellIndex(grid, other))).toBe(meet);
  }), { numRuns: 500 });
});
