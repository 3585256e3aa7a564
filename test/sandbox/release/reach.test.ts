/** What of earlier tables is within reach of a new one, and what of them says nothing more than others. */
import { describe, expect, test } from 'vitest';
import { withoutContained } from '#sandbox/release/contained.ts';
import { coversOf } from '#sandbox/release/covers.ts';
import type { AtomSet, GatePlace } from '#sandbox/release/place.ts';
import { withinReach, type Reaching } from '#sandbox/release/reach.ts';
import { numbersOf } from '#sandbox/release/tables.ts';
import fc from '../../support/fast-check.ts';

const ROOTS = { a: ['=p', '=q', '=r', '=s'], b: ['=x', '=y', '=z'], c: ['=k', '=l'] } as const;
type Root = keyof typeof ROOTS;
const NAMES = Object.keys(ROOTS) as Root[];
const ALL = ROOTS.a.flatMap((a) => ROOTS.b.flatMap((b) => ROOTS.c.map((c) => ({ a, b, c }))));
const holds = ({ negated, atoms }: AtomSet, atom: string): boolean => atoms.includes(atom) !== negated;

const setOf = (root: Root): fc.Arbitrary<AtomSet> => fc.record({ negated: fc.boolean(), atoms: fc.subarray<string>([...ROOTS[root]], { minLength: 1, maxLength: ROOTS[root].length - 1 }) });
const table: fc.Arbitrary<Omit<Reaching, 'isOpen'>> = fc.record({ keys: fc.subarray(NAMES, { maxLength: 2 }), slice: fc.option(fc.constantFrom(...NAMES).chain((root) => fc.record({ root: fc.constant(root), inside: setOf(root) })), { nil: null }), left: fc.infiniteStream(fc.boolean()) })
  .map(({ keys, slice, left }) => {
    const rows = [...new Map(ALL.map((atom) => keys.map((key) => atom[key].slice(1))).map((values) => [values.join(), { keys: values }])).values()].filter(() => left.next().value === true);
    const place: GatePlace = { base: 't', slices: slice === null ? [] : [slice], closed: new Map(NAMES.map((name) => [name, ROOTS[name]])), keys: keys.map((root) => ({ root, known: new Map(), bare: true })), measures: [] };
    return { place, measure: { rest: [], present: null, slices: [] }, rows };
  });
const atomsIn = ({ place, rows }: Omit<Reaching, 'isOpen'>, row: number): readonly number[] => ALL.flatMap((atom, i) =>
  (place.slices.every(({ root, inside }) => holds(inside, atom[root as Root])) && place.keys.every(({ root }, k) => atom[root as Root] === `=${String(rows[row]!.keys[k])}`) ? [i] : []));

describe('within reach', () => {
  test('is every row that hangs together with the new ones, by whatever chain', () => {
    let left = 0;
    fc.assert(fc.property(fc.array(table, { minLength: 2, maxLength: 6 }), (tables) => {
      const reached = withinReach(tables.map((each, t) => ({ ...each, isOpen: t === 0 })));
      const rows = tables.flatMap((each, t) => each.rows.map((_, row) => ({ t, row, atoms: atomsIn(each, row) })));
      const region = new Set(rows.flatMap(({ t, atoms }) => (t === 0 ? atoms : [])));
      for (let before = -1; before !== region.size;) {
        before = region.size;
        for (const { atoms } of rows) if (atoms.some((atom) => region.has(atom))) atoms.forEach((atom) => region.add(atom));
      }
      for (const { t, row, atoms } of rows) {
        if (atoms.some((atom) => region.has(atom))) expect(reached[t]).toContain(row);
        else if (!reached[t]!.includes(row)) left++;
      }
    }), { numRuns: 500, seed: 5 });
    expect(left).toBeGreaterThan(100);
  });

  test('is little of much where the new table is small', () => {
    const many = Array.from({ length: 30 }, (_, t): Reaching => ({
      place: { base: 't', slices: [{ root: 'c', inside: { negated: false, atoms: [`=${t}`] } }], closed: new Map(), keys: ['a', 'b'].map((root) => ({ root, known: new Map(), bare: true })), measures: [] },
      measure: { rest: [], present: null, slices: [] }, rows: Array.from({ length: 10_000 }, (__, i) => ({ keys: [i % 100, Math.floor(i / 100)] })), isOpen: false,
    }));
    const open: Reaching = { ...many[0]!, place: { ...many[0]!.place, slices: [], keys: many[0]!.place.keys.slice(0, 1) }, rows: [{ keys: [7] }], isOpen: true };
    const reached = withinReach([...many, open]);
    expect(reached.map(({ length }) => length)).toEqual([...many.map(() => 100), 1]);
  });
});

describe('a table that says no more than another', () => {
  const numbers = (tables: readonly Omit<Reaching, 'isOpen'>[]) => numbersOf(tables);

  test('is left out, and what is covered by it is covered by the other', () => {
    let dropped = 0;
    fc.assert(fc.property(fc.array(table, { minLength: 2, maxLength: 8 }), (tables) => {
      const all = numbers(tables);
      const some = withoutContained(all);
      dropped += all.tables.filter(({ numbers: { length } }) => length > 0).length - some.tables.length;
      expect(new Set(some.tables.flatMap((each) => each.numbers))).toEqual(new Set(all.tables.flatMap((each) => each.numbers)));
      const sums = (of: typeof all): ReadonlySet<string> => new Set([...coversOf(of)].flatMap(([whole, byTable]) => [...byTable.values()].map((parts) => `${whole} = ${[...parts].sort((a, b) => a - b).join()}`)));
      expect(sums(all).difference(sums(some))).toEqual(new Set());
    }), { numRuns: 2_000, seed: 6 });
    expect(dropped).toBeGreaterThan(100);
  });
});
