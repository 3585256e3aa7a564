/** Whether a release waits for a reviewer of the agency (airlock). */
import { assertNever } from '#contract/result.ts';
import type { Release } from '../release/release.ts';

/**
 * `manual`: always. `on-doubt`: when a rule withheld something, in a row that the operator gets or one that does not exist
 * for them. `automatic`: never. The strictest of a job's gates counts.
 */
export function isHeld(releases: readonly Release[]): boolean {
  return releases.some(({ decided }) => decided.some(({ rules, rows, dropped }) => {
    switch (rules.review.value) {
      case 'manual':
        return true;
      case 'on-doubt':
        return dropped.length > 0 || rows.some(({ withheld }) => withheld.some(({ count, total }) => count || total));
      case 'automatic':
        return false;
      default:
        return assertNever(rules.review.value);
    }
  }));
}
