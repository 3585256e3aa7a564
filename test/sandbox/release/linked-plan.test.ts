import { expect, test } from 'vitest';
import type { Output } from '#sandbox/release/cells.ts';
import { release } from '#sandbox/release/release.ts';
import { policy } from '../../support/gate.ts';
import { KIND, table } from '../../support/microdata.ts';

const rows = Array.from({ length: 60 }, (_, i) => ({ id: String(i % 30), a: 'xy'[i % 2] ?? '', b: 'pqr'[i % 3] ?? '' }));
const UNITS: Output = { name: 'u', type: 'BIGINT', statistic: 'count-units', unit: KIND, measure: 0 };
const codes = (gates: Parameters<typeof release>[0], statistics: Record<string, unknown>) => {
  const result = release(gates, [policy({ units: { [KIND]: { min: 5 } }, ...statistics }, 'data')]);
  return result.ok ? [] : result.error.map(({ code }) => code);
};
/** Units with many rows. */
const counting = (id: number, by: readonly string[]) => {
  const gate = table(rows, { id, by, unit: 'id', outputs: [UNITS] });
  return { ...gate, spec: { ...gate.spec, measures: gate.spec.measures.map((measure) => ({ ...measure, bound: { [KIND]: { rows: 2n, total: 2n } } })) } };
};

test('unit counts that do not add up: one table is fine, two are refused, but only where a cell must be protected', () => {
  expect(codes([counting(0, ['a'])], { secondary: 'required' })).toEqual([]);
  expect(codes([counting(0, ['a']), counting(1, [])], { secondary: 'required' })).toEqual(['release/units-not-additive']);
  expect(codes([counting(0, ['a']), counting(1, [])], { secondary: 'none' })).toEqual([]);
});

test('units with one row each add up', () => {
  expect(codes([['a'], []].map((by, id) => table(rows, { id, by, outputs: [UNITS] })), { secondary: 'required' })).toEqual([]);
});

test('controlled rounding: a chain of margins, or a table finer than all, but not crossing tables with a common margin', () => {
  const controlled = { mechanism: { kind: 'round', base: 5, method: 'controlled' } };
  const gates = (...by: (readonly string[])[]) => by.map((keys, id) => table(rows, { id, by: keys }));
  expect(codes(gates(['a'], []), controlled)).toEqual([]);
  expect(codes(gates(['a', 'b'], ['a'], ['b'], []), controlled)).toEqual([]);
  expect(codes(gates(['a'], ['b'], []), controlled)).toEqual(['release/margins-cannot-agree']);
});

test('what cannot be placed is refused where the policy refuses what others follow from, and only where a cell may have to be protected', () => {
  const vague = (...tables: string[]) => {
    const gate = table(rows, { id: 0, by: ['a'] });
    return [{ ...gate, place: { base: 'rows that meet themselves', vague: tables, slices: [], closed: new Map(), keys: [{ root: 'a', known: new Map(), bare: true }], measures: gate.spec.measures.map(() => ({ rest: [], present: null, slices: [] })) } }];
  };
  expect(codes(vague('data.t'), { secondary: 'required', differencing: 'refuse' })).toEqual(['release/not-placed']);
  expect(codes(vague('data.t'), { secondary: 'required', differencing: 'hold' })).toEqual([]);
  expect(codes(vague('data.t'), { secondary: 'none', differencing: 'refuse' })).toEqual([]);
  // Of which no other table could be a part.
  expect(codes(vague(), { secondary: 'required', differencing: 'refuse' })).toEqual([]);
});
