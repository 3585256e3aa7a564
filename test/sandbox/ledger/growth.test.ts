/** What the ledger finds at a glance reads the units of classes a number of times that grows with the groups of a job, not with their square. */
import { expect, test } from 'vitest';
import { glanceOver, LEDGER_SESSIONS, unitsOf } from '../../support/ledger-groups.ts';

/** Counts how often an element is read. */
function counted(units: Float64Array): { readonly units: Float64Array; readonly reads: () => number } {
  let reads = 0;
  const proxy = new Proxy(units, {
    get(target, key) {
      if (typeof key === 'string' && /^\d/.test(key)) reads++;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { units: proxy, reads: () => reads };
}

test.each(Object.keys(LEDGER_SESSIONS))('%s', (name) => {
  const readsOf = (groups: number): number => {
    const session = LEDGER_SESSIONS[name]!(groups);
    const { units, reads } = counted(unitsOf(groups));
    expect(glanceOver(session, units)).toBe(session.follow);
    return reads();
  };
  // Eight times the groups; their square would be 64 times as many.
  const [few, many] = [readsOf(500), readsOf(4000)];
  expect(few).toBeGreaterThan(500);
  expect(many / few).toBeLessThan(10);
});
