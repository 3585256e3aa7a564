/**
 * Slow, plain reading of windows of units, from the values of one group: regions halfway between positions, windows doubled from the
 * minimum until they are safe, whatever is left over safe as well. Shares no code with `sandbox/`.
 */
import { absoluteTotal, unsafeNk, unsafePPercent } from './dominance-reference.ts';

export interface WindowRules {
  readonly min: number;
  readonly p?: number;
  readonly nk?: readonly [number, number];
}

/** One value for each unit. @returns the mean of each window, null where it has none */
export function windowMeans(values: readonly number[], levels: readonly number[], lowest: boolean, highest: boolean, rules: WindowRules): readonly (number | null)[] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const at = [...(lowest ? [0] : []), ...levels, ...(highest ? [1] : [])];
  const near = (x: number, y: number): boolean => Math.abs(x - y) < 1e-9;
  const regions = at.map((): number[] => []);
  sorted.forEach((_, r) => {
    let region = 0;
    for (let i = 1; i < at.length; i++) {
      const boundary = ((at[i - 1]! + at[i]!) / 2) * n;
      if (r > boundary || near(r, boundary)) region = i;
    }
    regions[region]!.push(r);
  });
  const windows = regions.map((ranks, i) => {
    const sizes = Array.from({ length: 6 }, (_, j) => rules.min * 2 ** j);
    const within = (size: number): readonly number[] => ranks.filter((r) => {
      const distance = Math.abs(r - at[i]! * (n - 1));
      const reach = at[i] === 0 || at[i] === 1 ? size - 1 : size / 2;
      return distance < reach || near(distance, reach);
    });
    return [...sizes.map(within), ranks];
  });
  const isSafe = (ranks: readonly number[]): boolean => {
    const xs = ranks.map((r) => BigInt(sorted[r]!));
    const X = absoluteTotal(xs);
    return xs.length >= rules.min && (rules.p === undefined || !unsafePPercent(xs, X, rules.p)) && (rules.nk === undefined || !unsafeNk(xs, X, ...rules.nk));
  };
  const left = (chosen: readonly (readonly number[] | null)[]): readonly number[] => {
    const used = new Set(chosen.flatMap((ranks) => ranks ?? []));
    return sorted.map((_, r) => r).filter((r) => !used.has(r));
  };
  const all = sorted.map((_, r) => r);
  let chosen = windows.map((sizes) => sizes.find(isSafe) ?? null);
  if (isSafe(all) && left(chosen).length > 0 && !isSafe(left(chosen))) {
    chosen = windows.map((sizes) => (isSafe(sizes.at(-1)!) ? sizes.at(-1)! : null));
    if (left(chosen).length > 0 && !isSafe(left(chosen))) chosen = windows.map(() => null);
  }
  return chosen.map((ranks) => (ranks === null ? null : ranks.reduce((sum, r) => sum + sorted[r]!, 0) / ranks.length));
}
