/** Parameters of cell-key noise: what the check of a policy lets through has a table, with the size that it says; what it refuses has none. */
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { LEAST_VARIANCE } from '#contract/noise-parameters.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { Policy } from '#contract/policy.ts';
import { buildTable } from '#sandbox/sdc/cell-key/maximum-entropy.ts';
import type { PerturbationTable } from '#sandbox/sdc/cell-key/table.ts';
import fc from '../support/fast-check.ts';

const manifest = Manifest.parse({ id: 'city', tables: { t: { file: 't.csv', units: { person: 'id' }, columns: { id: { type: 'varchar', role: 'unit' } } } } });
const KEYS = 2 ** 32;

interface Parameters {
  /** As a policy writes it. */
  readonly variance: string;
  readonly maxDeviation: number;
  readonly js: number;
}

function problemsOf(parameters: Parameters) {
  const policy = Policy.parse({ policy: 'p', version: 1, dataset: 'city', statistics: { mechanism: { kind: 'cell-key', ...parameters }, units: { person: { min: 10 } }, dimensions: 'any', measures: {} } });
  return checkPolicy(policy, manifest, {});
}

/** By enumeration: distributions of mean 0 are mixtures of those on two deviations to either side, or on 0, so their variances lie between the least and the largest of these. */
function exists({ variance, maxDeviation, js }: Parameters): boolean {
  return Array.from({ length: maxDeviation + js + 1 }, (_, i) => i + 1).every((n) => {
    const deviations = Array.from({ length: 2 * maxDeviation + 1 }, (_, i) => i - maxDeviation).filter((v) => n + v === 0 || n + v > js);
    const variances = deviations.flatMap((low) => deviations.filter((high) => low * high < 0 || (low === 0 && high === 0)).map((high) => Math.abs(low * high)));
    if (n < maxDeviation + js) return variances.length > 0;
    return Math.min(...variances) <= Number(variance) && Number(variance) <= Math.max(...variances);
  });
}

/** The noise of a count as all 2^32 keys give it. It grows with the key, so each deviation's share ends where a search says. */
function drawn(table: PerturbationTable, n: number): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (let key = 0; key < KEYS;) {
    const v = table.noise(BigInt(n), key);
    let [low, high] = [key, KEYS];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (table.noise(BigInt(n), middle) === v) low = middle;
      else high = middle;
    }
    shares.set(Number(v), (high - key) / KEYS);
    key = high;
  }
  return shares;
}

const moment = (shares: ReadonlyMap<number, number>, k: number) => [...shares].reduce((sum, [v, share]) => sum + share * v ** k, 0);
const largest = (shares: ReadonlyMap<number, number>) => Math.max(...[...shares.keys()].map(Math.abs));

const triple = fc.integer({ min: 1, max: 50 }).chain((maxDeviation) => fc.record({
  maxDeviation: fc.constant(maxDeviation),
  js: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: maxDeviation }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 50 }) }),
  variance: fc.oneof(
    fc.integer({ min: 0, max: maxDeviation ** 2 + 1 }).map(String),
    fc.integer({ min: 0, max: 30_000 }).map((v) => (v / 10_000).toFixed(4)),
    // At and next to the largest variances there are.
    fc.tuple(fc.constantFrom(maxDeviation ** 2, maxDeviation * (maxDeviation - 1)), fc.constantFrom('', '.0000000001', '.0001'), fc.boolean())
      .map(([most, beside, below]) => (beside === '' || !below || most === 0 ? `${most}${beside}` : `${most - 1}.${'9'.repeat(beside.length - 1)}`)),
  ),
}));

describe('parameters of cell-key noise', () => {
  test('are let through where there is a table and the noise is not next to none, and only there', () => {
    let [accepted, refused] = [0, 0];
    fc.assert(fc.property(triple, (parameters) => {
      const allowed = problemsOf(parameters).length === 0;
      if (allowed) accepted += 1; else refused += 1;
      expect(allowed).toBe(exists(parameters) && Number(parameters.variance) >= LEAST_VARIANCE);
    }), { numRuns: 1000 });
    expect(Math.min(accepted, refused)).toBeGreaterThan(100);
  });

  test('that are let through build a table of the size that it says: mean 0, nothing below 0, no forbidden count', () => {
    fc.assert(fc.property(triple.filter((parameters) => problemsOf(parameters).length === 0), (parameters) => {
      const [V, D, js] = [Number(parameters.variance), parameters.maxDeviation, parameters.js];
      const table = buildTable(V, D, js)!;
      expect(table.size.from).toBe(D + js);
      const counts = [...new Set([1, 2, js, js + 1, D, D + js - 1, D + js, D + js + 1, D + js + 2, 1000])].filter((n) => n > 0);
      for (const n of counts) {
        const shares = drawn(table, n);
        // Each end of a share is off by half a key at most, and there are 2D of them.
        expect(Math.abs(moment(shares, 1))).toBeLessThanOrEqual((D + 1) / KEYS);
        for (const v of shares.keys()) expect(n + v === 0 || n + v > js).toBe(true);
        const size = n >= D + js ? table.size : table.size.below!;
        expect(largest(shares)).toBeLessThanOrEqual(size.maxDeviation);
        expect(size.maxDeviation).toBeLessThanOrEqual(D);
        if (n >= D + js) {
          for (const variance of [V, size.variance]) expect(Math.abs(moment(shares, 2) - variance)).toBeLessThanOrEqual(2 * D ** 2 / KEYS + 1e-9 * V);
        } else {
          expect(moment(shares, 2)).toBeLessThanOrEqual(size.variance + 1e-9);
        }
      }
      expect(largest(drawn(table, 1000))).toBe(table.size.maxDeviation);
      // Where the share of D is a key or more it is drawn.
      const uniform = D * (D + 1) / 3;
      if (V >= uniform) expect(table.size.maxDeviation).toBe(D);
    }), { numRuns: 200 });
  });

  test('that are refused build none either, where a policy of before has them', () => {
    fc.assert(fc.property(triple.filter((parameters) => problemsOf(parameters).length > 0), ({ variance, maxDeviation, js }) => {
      expect(buildTable(Number(variance), maxDeviation, js)).toBeNull();
    }), { numRuns: 200 });
  });

  test.each<[string, Parameters, string, RegExp, RegExp]>([
    ['forbidden counts out of reach', { variance: '2', maxDeviation: 2, js: 8 }, 'js', /maxDeviation 2, js can be 0 to 2; js 8 needs a maxDeviation of at least 8\.$/, /js 可取 0 至 2;js 为 8 时,maxDeviation 至少为 8。$/],
    ['a count that could only stay', { variance: '0.5', maxDeviation: 1, js: 1 }, 'js', /js can be 0 to 0; js 1 needs a maxDeviation of at least 2\.$/, /maxDeviation 至少为 2。$/],
    ['too large beside forbidden counts', { variance: '3', maxDeviation: 2, js: 1 }, 'variance', /variance can be 0\.001 to 2\.$/, /方差可取 0\.001 至 2。$/],
    ['too large', { variance: '4.01', maxDeviation: 2, js: 0 }, 'variance', /variance can be 0\.001 to 4\.$/, /方差可取 0\.001 至 4。$/],
    ['next to none', { variance: '0.0009', maxDeviation: 5, js: 2 }, 'variance', /variance can be 0\.001 to 20\.$/, /方差可取 0\.001 至 20。$/],
    ['none', { variance: '0', maxDeviation: 5, js: 2 }, 'variance', /0\.001 to 20/, /0\.001 至 20/],
  ])('%s: refused with the place, and what would be allowed', (_, parameters, place, en, zh) => {
    const [problem, ...others] = problemsOf(parameters);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'policy/bad-mechanism', path: `statistics.mechanism.${place}` });
    expect(problem?.message.en).toMatch(en);
    expect(problem?.message.zh).toMatch(zh);
    // What is said to be allowed is.
    const ends = place === 'js' ? [/js can be (\d+)/, / to (\d+);/] : [/can be ([\d.]+) to/, / to (\d+)\.$/];
    for (const end of ends) {
      const allowed = end.exec(problem!.message.en)![1]!;
      expect(problemsOf(place === 'js' ? { ...parameters, variance: '0.5', js: Number(allowed) } : { ...parameters, variance: allowed })).toEqual([]);
    }
  });

  test.each([['1', 2, 2], ['16', 8, 2], ['10', 10, 3], ['5', 15, 3], ['0.1', 50, 0]] as const)('V=%s D=%s js=%s: let through and built', (variance, maxDeviation, js) => {
    expect(problemsOf({ variance, maxDeviation, js })).toEqual([]);
    const shares = drawn(buildTable(Number(variance), maxDeviation, js)!, 100);
    expect(moment(shares, 2)).toBeCloseTo(Number(variance), 5);
  });
});
