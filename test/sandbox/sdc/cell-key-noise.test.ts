import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ONS_COUNTS, ONS_KEYS } from '#contract/ons-table.ts';
import { buildTable } from '#sandbox/sdc/cell-key/maximum-entropy.ts';
import { CellKeyNoise } from '#sandbox/sdc/cell-key/noise.ts';
import { onsTable } from '#sandbox/sdc/cell-key/ons.ts';
import { shippedTables } from '#sandbox/perturbation-tables.ts';
import { evenly } from '../../support/perturbation.ts';

const secret = (name: string) => () => createHash('sha256').update(name).digest();
const noise = new CellKeyNoise(buildTable(3, 6, 0)!, secret('a'));
const KEYS = Array.from({ length: 4000 }, (_, i) => (i * 2_654_435_761) % 2 ** 32);

describe('noise by the key of a domain', () => {
  test('is the same each time, and nothing for nobody', () => {
    expect(noise.count(40n, 7, 'person')).toBe(noise.count(40n, 7, 'person'));
    expect(noise.magnitude(40n, 1000n, { person: 7 }, 'income', 5n)).toBe(noise.magnitude(40n, 1000n, { person: 7 }, 'income', 5n));
    expect([noise.count(0n, 7, 'person'), noise.magnitude(0n, 1000n, { person: 7 }, 'income', 5n)]).toEqual([0n, 0n]);
  });

  test('is another one under another key: knowing the cell key is not enough', () => {
    const other = new CellKeyNoise(buildTable(3, 6, 0)!, secret('b'));
    const same = KEYS.filter((key) => noise.magnitude(40n, 10n ** 9n, { person: key }, 'income', 5n) === other.magnitude(40n, 10n ** 9n, { person: key }, 'income', 5n));
    expect(same).toEqual([]);
    // Counts have thirteen values: as often the same as two draws are (0.16 of 4,000, within 5 standard errors).
    const counts = KEYS.filter((key) => noise.count(40n, key, 'person') === other.count(40n, key, 'person')).length;
    expect(Math.abs(counts / KEYS.length - 0.163)).toBeLessThan(0.03);
  });

  test('does not go with the noise of another sum, another bound, or the count of the same units', () => {
    const [a, ...others] = [
      (key: number) => Number(noise.magnitude(40n, 10n ** 6n, { person: key }, 'income', 5n)), (key: number) => Number(noise.magnitude(40n, 10n ** 6n, { person: key }, 'tax', 5n)),
      (key: number) => Number(noise.magnitude(40n, 3n * 10n ** 6n, { person: key }, 'income', 5n)), (key: number) => Number(noise.count(40n, key, 'person')),
    ].map((of) => KEYS.map(of));
    // Of 4,000 independent pairs the correlation has a standard deviation of 0.016: beyond 5 of them once in 600,000 runs.
    for (const b of others) expect(Math.abs(correlation(a!, b))).toBeLessThan(0.08);
  });

  test('is another one of another sum of the same units, and of the same persons in other enterprises', () => {
    const of = (enterprise: number, exact: bigint) => KEYS.map((person) => Number(noise.magnitude(40n, 10n ** 6n, { person, enterprise }, 'wage', exact)));
    for (const b of [of(1, 6n), of(2, 5n)]) expect(Math.abs(correlation(of(1, 5n), b))).toBeLessThan(0.08);
  });

  test('has steps of one, however large the bound', () => {
    const bound = 2n ** 100n;
    const rests = new Set(KEYS.map((key) => noise.magnitude(40n, bound, { person: key }, 'income', 5n) % 2n ** 40n));
    expect(rests.size).toBe(KEYS.length);
  });

  test('a table in the form of the ONS is not read by the sum of record keys: whoever knows table and cell key knows no noise, and keys of parts do not give that of the whole', () => {
    const table = onsTable(Int8Array.from({ length: ONS_COUNTS * ONS_KEYS }, (_, i) => evenly(Math.floor(i / ONS_KEYS) + 1, i % ONS_KEYS)));
    const [one, other] = [new CellKeyNoise(table, secret('a')), new CellKeyNoise(table, secret('b'))];
    // Seven values, nearly as many keys each: as often the same as two draws are (0.143 of 4,000, within 5 standard errors).
    const same = (of: (key: number) => boolean) => Math.abs(KEYS.filter(of).length / KEYS.length - 1 / 7);
    expect(same((key) => one.count(40n, key, 'person') === table.noise(40n, key))).toBeLessThan(0.03);
    expect(same((key) => one.count(40n, key, 'person') === other.count(40n, key, 'person'))).toBeLessThan(0.03);
    // By the form's own key a cell whose key is another's modulo 256 has the same noise.
    expect(same((key) => one.count(40n, key, 'person') === one.count(40n, (key + 256) % 2 ** 32, 'person'))).toBeLessThan(0.03);
  });

  test('a table that is the same for every key rounds, whatever the key; sums have noise of their own', () => {
    const ons = shippedTables()['ons-10-5']!;
    const [one, other] = [new CellKeyNoise(ons, secret('a')), new CellKeyNoise(ons, secret('b'))];
    for (const key of KEYS) expect(one.count(42n, key, 'person')).toBe(-2n);
    expect(KEYS.filter((key) => one.magnitude(40n, 10n ** 9n, { person: key }, 'income', 5n) === other.magnitude(40n, 10n ** 9n, { person: key }, 'income', 5n))).toEqual([]);
  });
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (of: readonly number[]) => of.reduce((x, y) => x + y, 0) / of.length;
  const [p, q] = [mean(a), mean(b)];
  const sum = (of: (i: number) => number) => a.reduce((total, _, i) => total + of(i), 0);
  return sum((i) => (a[i]! - p) * (b[i]! - q)) / Math.sqrt(sum((i) => (a[i]! - p) ** 2) * sum((i) => (b[i]! - q) ** 2));
}
