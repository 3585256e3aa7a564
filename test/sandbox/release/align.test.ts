/** Places of tables whose policies cut a dimension differently: written in common atoms, they are the same sets of values as before. */
import { expect, test } from 'vitest';
import { aligned, type Placed } from '#sandbox/release/align.ts';
import type { GatePlace } from '#sandbox/release/place.ts';
import fc from '../../support/fast-check.ts';

const placeOf = (closed: readonly string[] | null, known: Readonly<Record<string, readonly string[]>>, inside: GatePlace['slices'] = []): GatePlace => ({
  base: 't', slices: inside, closed: new Map(closed === null ? [] : [['x', closed]]), keys: [{ root: 'x', bare: closed === null, known: new Map(Object.entries(known).map(([value, atoms]) => [JSON.stringify([value]), { negated: false, atoms }])) }],
  measures: [{ rest: [], present: null, slices: [] }],
});
const table = (place: GatePlace, keys: readonly string[] = []): Placed => ({ place, rows: keys.map((key) => ({ keys: [key] })) });
const bands = (edges: readonly number[]): readonly string[] => ['..', ...edges].map((low, i) => `[${low},${edges[i] ?? '..'})`);
const atomsOf = (place: GatePlace, value: string): readonly string[] => place.keys[0]!.known.get(JSON.stringify([value]))!.atoms;

test('tables that agree come back as they are', () => {
  const places = [placeOf(bands([30]), {}), placeOf(bands([30]), {})];
  expect(aligned(places.map((place) => table(place)))).toEqual(places);
});

test('bands with other edges: each is made of parts, and the parts of one version are those of the other', () => {
  const edges = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 4 }).map((list) => list.toSorted((a, b) => a - b));
  fc.assert(fc.property(edges, edges, fc.integer({ min: -25, max: 25 }), (a, b, value) => {
    const versions = [a, b].map((own) => placeOf(bands(own), Object.fromEntries(bands(own).map((label) => [label, [label]]))));
    const written = aligned(versions.map((place) => table(place)));
    const holds = (label: string): boolean => {
      const [, low = '', high = ''] = /^\[(.*),(.*)\)$/.exec(label)!;
      return (low === '..' || value >= Number(low)) && (high === '..' || value < Number(high));
    };
    // The part that the value is in is the same whichever version says so.
    const parts = [a, b].map((own, i) => new Set(atomsOf(written[i]!, bands(own).find(holds)!)));
    expect(parts[0]!.intersection(parts[1]!).size).toBeGreaterThan(0);
    for (const [i, own] of [a, b].entries()) {
      const all = bands(own).flatMap((label) => atomsOf(written[i]!, label));
      expect(new Set(all).size).toBe(all.length);
      if (JSON.stringify(a) !== JSON.stringify(b)) expect(new Set(all)).toEqual(new Set(written[i]!.closed.get('x')));
    }
  }));
});

test('bands and the values themselves', () => {
  const values = ['=10', '=30', '=31', 'null'];
  const [banded, plain] = aligned([table(placeOf(['[..,30)', '[30,..)', 'null'], { low: ['[..,30)'], high: ['[30,..)'] })), table(placeOf(values, {}))]);
  expect(atomsOf(banded!, 'low')).toEqual(['=10']);
  expect(atomsOf(banded!, 'high')).toEqual(['=30', '=31']);
  expect(plain!.closed.get('x')).toEqual(values);
});

test('bands and values that nobody declared: what is left of a band is a part of its own', () => {
  const slice = { root: 'x', inside: { negated: true, atoms: ['=35'] } };
  const [banded, open] = aligned([table(placeOf(bands([30]), { low: ['[..,30)'], high: ['[30,..)'] })), table(placeOf(null, {}, [slice]), ['12'])]);
  expect(atomsOf(banded!, 'high')).toEqual(['=35', expect.stringContaining('[30,..)')]);
  expect(atomsOf(banded!, 'low')).toEqual(['=12', expect.stringContaining('[..,30)')]);
  expect(open!.slices).toEqual([slice]);
  expect(open!.closed.get('x')).toEqual(banded!.closed.get('x'));
});

test('months and days', () => {
  const days = ['=2020-01-31', '=2020-02-01', '=2020-02-29', '=2020-12-31'];
  const [monthly, daily] = aligned([
    table(placeOf(['=2020-01-01', '=2020-02-01', '=2020-12-01'], { january: ['=2020-01-01'], february: ['=2020-02-01'], december: ['=2020-12-01'] })),
    table(placeOf(days, { first: ['=2020-02-01'] })),
  ]);
  expect(['january', 'february', 'december'].map((month) => atomsOf(monthly!, month))).toEqual([['=2020-01-31'], ['=2020-02-01', '=2020-02-29'], ['=2020-12-31']]);
  expect(atomsOf(daily!, 'first')).toEqual(['=2020-02-01']);
});
