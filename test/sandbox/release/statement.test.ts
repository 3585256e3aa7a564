import { expect, test } from 'vitest';
import { ReviewEvidence } from '#contract/evidence.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { Statement } from '#contract/statement.ts';
import { evidenceOf } from '#sandbox/release/evidence.ts';
import { release } from '#sandbox/release/release.ts';
import { statementOf } from '#sandbox/release/statement.ts';
import { COUNT, DISTRICT, evidence, gate, INCOME, manifest, policy, ROWS, SUM, units } from '../../support/gate.ts';

const dominated = [1000, ...Array.from({ length: 20 }, () => 1)];
const released = (...args: Parameters<typeof release>) => {
  const result = release(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return [result.value];
};
const spec = { measures: [ROWS, INCOME], outputs: [COUNT, SUM] };
const cells = [{ keys: ['A'], evidence: [units(21), evidence(dominated)] }, { keys: ['B'], evidence: [units(4), units(4)] }, { keys: ['C'], evidence: [units(12), units(12)] }];
const strict = policy({ dominance: [{ rule: 'p-percent', p: 17 }, { rule: 'nk', n: 2, k: 83 }] });

test('the statement counts what was withheld, names clauses, and hides dominance parameters', () => {
  const statement = Statement.parse(statementOf(released([gate(spec, cells, [['A'], ['B'], ['C'], ['D']])], [strict])));
  expect(statement.withheld).toBe(5); // A: total; B and D: both
  expect(statement.mayOmitRows).toBe(false);
  expect(statement.rules.map(({ clause }) => clause)).toEqual([
    'city-statistics@3 statistics.units.person.min', 'city-statistics@3 statistics.dominance', 'city-statistics@3 statistics.zeros',
  ]);
  expect(JSON.stringify(statement)).not.toMatch(/17|83/);
  expect(statement.help).not.toEqual([]);
});

test('small and empty cells give the same statement', () => {
  const without = cells.filter(({ keys }) => keys[0] !== 'B');
  const universe = [['A'], ['B'], ['C'], ['D']];
  expect(statementOf(released([gate(spec, without, universe)], [strict]))).toEqual(statementOf(released([gate(spec, cells, universe)], [strict])));
});

test('keys that are not public: no total, rows may be missing', () => {
  const statement = statementOf(released([gate({ ...spec, keys: [{ ...DISTRICT, public: false }] }, cells, null)], [strict]));
  expect(statement.withheld).toBeNull();
  expect(statement.mayOmitRows).toBe(true);
});

test('says in structure and in words whether numbers were rounded or perturbed, and that a reviewer has a say', () => {
  const under = (over: Parameters<typeof policy>[0]) => {
    const bounded = { ...spec, measures: [{ ...ROWS, bound: { person: { rows: 1n, total: 1n } } }, { ...INCOME, bound: { person: { rows: 1n, total: 1000n } } }] };
    return Statement.parse(statementOf(released([gate(bounded, cells, [['A'], ['B'], ['C']])], [policy(over)])));
  };
  expect(under({})).toMatchObject({ numbers: [] });
  const rounded = under({ mechanism: { kind: 'round', base: 5, method: 'nearest' }, review: 'manual' });
  expect(rounded.numbers).toEqual(['rounded']);
  expect(rounded.sentences.map(({ en }) => en)).toContain('Numbers are not exact: they are rounded, as the rules in force say.');
  expect(rounded.rules.map(({ clause }) => clause)).toEqual(expect.arrayContaining(['city-statistics@3 statistics.mechanism', 'city-statistics@3 statistics.review']));
  expect(rounded.rules.every(({ text }) => /[.。]$/.test(text.en) && /。$/.test(text.zh))).toBe(true);
});

test('open withholds nothing and says so; a query without gates too', () => {
  const statement = statementOf(released([gate(spec, cells, null)], [{ manifest: manifest(), policy: openPolicy('city', [manifest()]) }]));
  expect(statement.rules).toEqual([]);
  expect(statement.sentences.map(({ en }) => en)).toEqual(['The policy in force withholds nothing.']);
  expect(statementOf([]).sentences).toHaveLength(1);
});

test('evidence says for each cell which rule decided and by how much', () => {
  const [first] = ReviewEvidence.parse(evidenceOf(released([gate({ ...spec, keys: [{ ...DISTRICT, public: false }] }, cells, null)], [strict]))).gates;
  const [a, b, c] = first?.cells ?? [];
  expect(a?.measures.map(({ outcome }) => outcome)).toEqual(['released', 'count-only']);
  expect(a?.measures[1]?.decidedBy).toEqual(['city-statistics@3 statistics.dominance.1', 'city-statistics@3 statistics.dominance.0']);
  expect(b?.absent).toBe(true);
  expect(b?.measures[0]?.checks[0]).toEqual({ rule: 'minimum-units', unit: 'person', clause: 'city-statistics@3 statistics.units.person.min', passes: false, margin: '-6' });
  expect(c?.absent).toBe(false);
  expect(first?.weakest).toBe(2);
});
