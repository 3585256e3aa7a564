/** Band columns: `<column>_band` shows in which band of the policy a value lies. n edges make n + 1 bands, each closed below. */

/** `[..,1940)`, `[1940,1950)`, `[1950,..)`. Two dots stand for "no bound" and sort before digits. */
export function bandLabels(edges: readonly string[]): readonly string[] {
  const bounds = ['..', ...edges, '..'];
  return bounds.slice(1).map((upper, i) => `[${bounds[i]},${upper})`);
}
