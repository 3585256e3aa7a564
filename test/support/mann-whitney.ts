/** Whether one of two samples tends to be larger: the rank-sum test of Mann and Whitney (1947), two-sided, by its normal approximation. */

/**
 * Standard normal under the hypothesis that both come from one distribution; above 0 where the second tends to be larger. The approximation is good
 * for 20 and more values of each, and is the safer the fewer ties there are: they make the variance too large, so that less is found.
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const [n, m] = [first.length, second.length];
  const all = [...first.map((value) => ({ value, own: false })), ...second.map((value) => ({ value, own: true }))].sort((a, b) => a.value - b.value);
  let ranks = 0;
  for (let from = 0; from < all.length;) {
    let to = from + 1;
    while (to < all.length && all[to]!.value === all[from]!.value) to++;
    // Equal values share the mean of their ranks, which start at 1.
    for (let i = from; i < to; i++) if (all[i]!.own) ranks += (from + 1 + to) / 2;
    from = to;
  }
  const u = ranks - (m * (m + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}
