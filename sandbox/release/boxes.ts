/** Any set of combinations of values as boxes that have no combination in common, few where few do. */
import type { AtomSet, Parts, Slice } from './place.ts';

export interface Axis {
  readonly root: string;
  readonly atoms: readonly string[];
  /** Whether there is one value more, which stands for all that are no atoms. */
  readonly others: boolean;
}

/** Of more dimensions than this not every order is tried. */
const MOST_ORDERED = 4;

/** @param inside by combination, the values of the last dimension next to each other */
export function boxesOf(axes: readonly Axis[], inside: readonly boolean[]): Parts {
  const sizes = axes.map(({ atoms, others }) => atoms.length + (others ? 1 : 0));
  const strides = sizes.map((_, d) => sizes.slice(d + 1).reduce((product, size) => product * size, 1));
  let best: Parts | null = null;
  const all = axes.map((_, d) => d);
  for (const order of all.length > MOST_ORDERED ? [all] : orders(all)) {
    const found = split(axes, sizes, strides, inside, order, 0);
    if (best === null || found.length < best.length) best = found;
  }
  return best ?? [];
}

/** @param order dimensions that are left. @param from the combination with the first value of each of these */
function split(axes: readonly Axis[], sizes: readonly number[], strides: readonly number[], inside: readonly boolean[], order: readonly number[], from: number): Parts {
  const [first, ...rest] = order;
  if (first === undefined) return inside[from] === true ? [[]] : [];
  const [axis, size = 0, stride = 0] = [axes[first], sizes[first], strides[first]];
  const alike = Map.groupBy(Array.from({ length: size }, (_, i) => i), (i) => patternOf(sizes, strides, inside, rest, from + i * stride));
  return [...alike.values()].flatMap((values): Parts => {
    const [one = 0] = values;
    const parts = split(axes, sizes, strides, inside, rest, from + one * stride);
    if (axis === undefined || values.length === size) return parts;
    return parts.map((slices): readonly Slice[] => [{ root: axis.root, inside: setOf(axis, values) }, ...slices]);
  });
}

/** Which combinations of the other dimensions are inside, as a text. */
function patternOf(sizes: readonly number[], strides: readonly number[], inside: readonly boolean[], order: readonly number[], from: number): string {
  let at = [from];
  for (const d of order) at = at.flatMap((start) => Array.from({ length: sizes[d] ?? 0 }, (_, i) => start + i * (strides[d] ?? 0)));
  return at.map((each) => (inside[each] === true ? '1' : '0')).join('');
}

function setOf({ atoms, others }: Axis, values: readonly number[]): AtomSet {
  const chosen = new Set(values);
  const negated = others && chosen.has(atoms.length);
  return { negated, atoms: atoms.filter((_, i) => chosen.has(i) !== negated) };
}

function orders(of: readonly number[]): readonly (readonly number[])[] {
  return of.length < 2 ? [of] : of.flatMap((first) => orders(of.filter((each) => each !== first)).map((rest) => [first, ...rest]));
}
