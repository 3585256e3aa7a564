/** Schema violations of real documents: where, and what would be allowed. */
import { expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { parseAs } from '#src/http/invalid.ts';

const policy = (statistics: object) => ({
  policy: 'p', version: 1, dataset: 'd',
  statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dimensions: 'any', measures: 'any', ...statistics },
});

/** `place: English` of every error. */
function said(schema: typeof Policy | typeof Manifest, document: unknown): string[] {
  const parsed = parseAs(schema, 'body', document);
  return parsed.ok ? [] : (parsed.error.errors ?? []).map(({ at, message }) => `${at}: ${message.en}`);
}

test.each<[string, object, string]>([
  ['a misspelt key', { mechansim: 1 }, 'body/statistics: Unrecognized key: "mechansim"'],
  ['an unknown mechanism', { mechanism: { kind: 'blur' } }, 'body/statistics/mechanism/kind: '],
  ['a wrong base', { mechanism: { kind: 'round', base: 1 } }, 'body/statistics/mechanism/base: Too small'],
  ['a threshold as text', { units: { person: { min: '10' } } }, 'body/statistics/units/person/min: Invalid input: expected number, received string'],
  ['a dimension of no form', { dimensions: { 'residents.age': { bands: [] } } }, 'body/statistics/dimensions/residents.age/bands: Too small: expected array to have >=1 items'],
  ['one of several forms', { joins: 7 }, 'body/statistics/joins: Invalid input: expected "any"; or: Invalid input: expected array, received number'],
  ['a column that is none', { dimensions: { age: { levels: ['x'] } } }, 'body/statistics/dimensions/age: '],
  ['a level that is no name', { dimensions: { 'a.b': { levels: ['1x'] } } }, 'body/statistics/dimensions/a.b/levels/0: must be a plain identifier'],
])('%s', (_, statistics, expected) => {
  const errors = said(Policy, policy(statistics));
  expect(errors.some((error) => error.startsWith(expected)), errors.join('\n')).toBe(true);
});

test('every message is in Chinese too, and none repeats a value', () => {
  const parsed = parseAs(Manifest, 'body', { id: 'UPPER', tables: { t: { file: '', columns: { c: { type: 'text', role: 'CANARY', min: 7 } } } }, CANARY2: 1 });
  if (parsed.ok) throw new Error('accepted');
  for (const { message } of parsed.error.errors ?? []) expect(message.zh, message.en).toMatch(/\p{Script=Han}/u);
  expect(JSON.stringify(parsed.error)).not.toMatch(/CANARY"|UPPER/);
});

test('a document with many errors gets at most twenty', () => {
  const columns = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`c${i}`, { type: 'text', role: 'plain' }]));
  expect(said(Manifest, { id: 'd', tables: { t: { file: 'f', columns } } })).toHaveLength(20);
});

test.each([100, 1000, 20_000])('a long document without a mistake is taken, and one with a mistake is not: %i dimensions', (many) => {
  const dimensions = Object.fromEntries(Array.from({ length: many }, (_, i) => [`people.c${i}`, { categories: ['a', 'b'] }]));
  const document = policy({ dimensions });
  expect(parseAs(Policy, 'body', document)).toEqual({ ok: true, value: Policy.parse(document) });
  expect(parseAs(Policy, 'body', { ...document, version: 'one' })).toMatchObject({ ok: false, error: { code: 'request/invalid' } });
});
