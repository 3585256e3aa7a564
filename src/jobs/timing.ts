/** When an outcome may become visible: under differential privacy the time a job took must not tell about the data. */
import type { Policy } from '#contract/policy.ts';

/** Milliseconds. */
const GRID = 1000;

/** Milliseconds to wait after `elapsed` ones until the next point of the grid; 0 where no policy asks for it. */
export function delayToGrid(policies: readonly Policy[], elapsed: number): number {
  if (policies.every(({ statistics }) => statistics.mechanism.kind !== 'differential-privacy')) return 0;
  return (GRID - (elapsed % GRID)) % GRID;
}
