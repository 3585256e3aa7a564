import { expect, test } from 'vitest';
import { boxesOf, type Axis } from '#sandbox/release/boxes.ts';
import fc from '../../support/fast-check.ts';

const axis = (d: number) => fc.record({ size: fc.integer({ min: 1, max: 4 }), others: fc.boolean() }).map(({ size, others }): Axis => ({ root: `r${d}`, atoms: Array.from({ length: size }, (_, i) => `a${i}`), others }));
const sizeOf = ({ atoms, others }: Axis): number => atoms.length + (others ? 1 : 0);
const sets = fc.integer({ min: 0, max: 4 }).chain((width) => fc.tuple(...Array.from({ length: width }, (_, d) => axis(d)))).chain((axes) => {
  const all = axes.reduce((product, each) => product * sizeOf(each), 1);
  return fc.record({ axes: fc.constant(axes), inside: fc.array(fc.boolean(), { minLength: all, maxLength: all }) });
});

test('every combination that is inside lies in exactly one box, and no other in any', () => {
  fc.assert(fc.property(sets, ({ axes, inside }) => {
    const boxes = boxesOf(axes, inside);
    inside.forEach((is, at) => {
      let rest = at;
      const values = axes.map((each) => each).reverse().map((each) => {
        const value = rest % sizeOf(each);
        rest = Math.floor(rest / sizeOf(each));
        return [each, value] as const;
      });
      const found = boxes.filter((slices) => slices.every(({ root, inside: { negated, atoms } }) => {
        const [of, value] = values.find(([each]) => each.root === root) ?? [];
        const name = of?.atoms[value ?? -1];
        return (name !== undefined && atoms.includes(name)) !== negated;
      }));
      expect(found.length).toBe(is ? 1 : 0);
    });
  }));
});

test('what does not matter is not in the boxes, in whatever order it was asked', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((root): Axis => ({ root, atoms: ['x', 'y', 'z'], others: false }));
  const inside = Array.from({ length: 27 }, (_, at) => at % 3 === 0 || Math.floor(at / 9) === 1);
  expect(boxesOf([a!, b!, c!], inside)).toHaveLength(2);
  expect(boxesOf([a!, b!, c!], inside).flat().map(({ root }) => root)).not.toContain('b');
  expect(boxesOf([a!], [true, true, true])).toEqual([[]]);
  expect(boxesOf([], [false])).toEqual([]);
});
