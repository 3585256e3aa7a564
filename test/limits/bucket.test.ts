import { expect, test } from 'vitest';
import { Buckets } from '#src/limits/bucket.ts';
import fc from '../support/fast-check.ts';

test('a burst of a minute, then one at a time as time passes', () => {
  let now = 0;
  const buckets = new Buckets(30, () => now);
  for (let i = 0; i < 30; i++) {
    expect(buckets.wait('a')).toBe(0);
    buckets.take('a');
  }
  expect(buckets.wait('a')).toBe(2);
  expect(buckets.wait('b')).toBe(0);
  now = 1999;
  expect(buckets.wait('a')).toBe(1);
  now = 2000;
  expect(buckets.wait('a')).toBe(0);
  buckets.take('a');
  expect(buckets.wait('a')).toBe(2);
});

test('a clock that is set back gives nothing and takes nothing', () => {
  let now = 1_000_000;
  const buckets = new Buckets(1, () => now);
  buckets.take('a');
  now = 0;
  expect(buckets.wait('a')).toBe(60);
  now = 60_000;
  expect(buckets.wait('a')).toBe(0);
});

test('whatever is asked when: never more than a minute allows, and waiting as told is enough', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.record({ pass: fc.integer({ min: 0, max: 20_000 }), patient: fc.boolean() }), { maxLength: 200 }), (perMinute, steps) => {
    let now = 0;
    const buckets = new Buckets(perMinute, () => now);
    const taken: number[] = [];
    for (const { pass, patient } of steps) {
      now += pass;
      if (patient) now += buckets.wait('a') * 1000;
      const wait = buckets.wait('a');
      if (patient) expect(wait).toBe(0);
      if (wait > 0) continue;
      buckets.take('a');
      taken.push(now);
    }
    for (const [i, from] of taken.entries()) {
      const within = taken.slice(i).filter((at) => at - from < 60_000).length;
      expect(within).toBeLessThanOrEqual(2 * perMinute);
    }
  }));
});
