/** What the reviewer is told of every rule and its margin, of questions through the whole path; worked out from the rows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReviewEvidence, type EvidenceCheck } from '#contract/evidence.ts';
import { Manifest } from '#contract/manifest.ts';
import { showEvidence } from '#src/cli/output/evidence.ts';
import { LedgerDomain, ledgerPolicy, type Loaded } from '../../support/ledger-domain.ts';

const MANIFEST = Manifest.parse({ id: 'town', tables: { people: {
  file: 'people.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
  columns: {
    id: { type: 'varchar', role: 'unit' }, district: { type: 'varchar', role: 'quasi', domain: ['a', 'b', 'c'], nullable: false }, age: { type: 'integer', role: 'quasi', min: '0', max: '99', nullable: false },
    ill: { type: 'varchar', role: 'sensitive', domain: ['yes', 'no'], nullable: false }, income: { type: 'integer', role: 'sensitive', min: '0', max: '100000', nullable: false }, wealth: { type: 'integer', role: 'sensitive', min: '0', max: '100000', nullable: false },
  },
} } });
/** Of 60 in a 12 are over 50; of 40 in b four are. In b all but three are ill. In b wealth follows from income but for a little. In c there are eleven, of whom one has most of all income. */
const ROWS = Object.entries({ a: 60, b: 40, c: 11 }).flatMap(([district, size]) => Array.from({ length: size }, (_, i) => ({
  id: `${district}${i}`, district, age: i < (district === 'a' ? 12 : 4) ? 60 : 30, ill: (district === 'b' ? i < 37 : i % 2 === 0) ? 'yes' : 'no',
  income: district === 'c' && i === 0 ? 50_000 : 1000 + ((i * 37) % 50) * 10, wealth: district === 'a' ? 500 + ((i * 61) % 47) * 20 : 2000 + ((i * 37) % 50) * 20 + (i % 3),
})));

const domain = new LedgerDomain();
let loaded: Loaded;
beforeAll(async () => {
  loaded = await domain.loadFiles({ 'people.csv': `id,district,age,ill,income,wealth\n${ROWS.map(({ id, district, age, ill, income, wealth }) => `${id},${district},${age},${ill},${income},${wealth}\n`).join('')}` }, MANIFEST);
}, 60_000);
afterAll(() => domain.close());

const POLICY = ledgerPolicy('none', {
  dominance: [{ rule: 'p-percent', p: 5 }, { rule: 'pq', p: 5, q: 80 }, { rule: 'nk', n: 2, k: 80 }], secondary: 'required', joins: [],
  dimensions: { 'people.district': { categories: 'all' }, 'people.ill': { categories: 'all' }, 'people.age': { bands: [50] } }, measures: { 'people.income': ['count', 'sum', 'avg', 'var', 'corr', 'regr'], 'people.wealth': ['count', 'sum', 'avg', 'var', 'corr', 'regr'] },
});

async function evidenceOf(sql: string): Promise<ReviewEvidence> {
  const answer = await domain.ask(loaded, POLICY, sql);
  if (answer.kind !== 'released' || answer.envelope.sealed.evidence === null) throw new Error(JSON.stringify(answer));
  return ReviewEvidence.parse(domain.open(answer.envelope.sealed.evidence));
}
/** All checks of the cells with these keys. */
const checksOf = ({ gates }: ReviewEvidence, ...keys: readonly string[]): readonly EvidenceCheck[] =>
  gates.flatMap(({ cells }) => cells.filter((cell) => keys.every((key, i) => cell.keys[i] === key)).flatMap(({ measures }) => measures.flatMap(({ checks }) => checks)));
const told = (checks: readonly EvidenceCheck[], rule: EvidenceCheck['rule']) => checks.filter((each) => each.rule === rule).map(({ passes, margin }) => ({ passes, margin }));

test('dominance: of p%, pq and (n,k), where declared bounds do not say enough', async () => {
  const checks = checksOf(await evidenceOf('SELECT district, sum(income) FROM people GROUP BY district'), 'c');
  const [x1 = 0, x2 = 0, ...rest] = ROWS.filter(({ district }) => district === 'c').map(({ income }) => income).sort((a, b) => b - a);
  const left = rest.reduce((sum, x) => sum + x, 0);
  expect(told(checks, 'p-percent')).toEqual([{ passes: true, margin: String(Math.floor(10_000 * (left / x1 - 0.05))) }]);
  expect(told(checks, 'pq')).toEqual([{ passes: true, margin: String(Math.floor(10_000 * (left / x1 - 5 / 80))) }]);
  expect(told(checks, 'nk')).toEqual([{ passes: false, margin: String(8000 - Math.ceil((10_000 * (x1 + x2)) / (x1 + x2 + left))) }]);
});

test('a part beside its whole: how many units are left', async () => {
  const evidence = await evidenceOf("SELECT district, count(*), count(*) FILTER (WHERE age_band <> '[50,..)') FROM people GROUP BY district");
  expect(told(checksOf(evidence, 'a'), 'complement')).toEqual([{ passes: true, margin: '2' }]);
  expect(told(checksOf(evidence, 'b'), 'complement')).toEqual([{ passes: false, margin: '-6' }]);
  expect(evidence.gates[0]?.cells.find(({ keys }) => keys[0] === 'b')?.measures[1]).toMatchObject({ outcome: 'withheld', decidedBy: ['town-statistics@1 statistics.secondary'] });
});

test('a class: how many of the group are outside', async () => {
  const evidence = await evidenceOf('SELECT district, ill, count(*) FROM people GROUP BY district, ill');
  expect(told(checksOf(evidence, 'a', 'yes'), 'class-disclosure')).toEqual([{ passes: true, margin: '23' }]);
  expect(told(checksOf(evidence, 'b', 'yes'), 'class-disclosure')).toEqual([{ passes: false, margin: '-2' }]);
});

test('spreads and fits: degrees of freedom, spread, fit, units that a fit rests on and leverage, up to the one that fails', async () => {
  const evidence = await evidenceOf('SELECT district, regr_slope(wealth, income) FROM people GROUP BY district');
  const [a, b, c] = ['a', 'b', 'c'].map((district) => checksOf(evidence, district));
  expect(told(a!, 'degrees-of-freedom')).toEqual([{ passes: true, margin: '48' }]);
  expect(told(c!, 'degrees-of-freedom')).toEqual([{ passes: false, margin: '-1' }]);
  expect(told(c!, 'spread')).toEqual([]);
  const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const residents = ROWS.filter(({ district }) => district === 'a');
  const [incomes, wealths] = [residents.map(({ income }) => income), residents.map(({ wealth }) => wealth)];
  const products = (xs: readonly number[], ys: readonly number[]): number => xs.reduce((sum, x, i) => sum + (x - mean(xs)) * (ys[i]! - mean(ys)), 0);
  // pq asks for 5/80.
  const margin = (value: number): string => String(Math.floor(10_000 * (value - 5 / 80)));
  const spread = (xs: readonly number[]) => ({ passes: true, margin: margin(Math.sqrt(((xs.length - 1) * products(xs, xs)) / xs.length) / mean(xs)) });
  const fit = (ys: readonly number[], xs: readonly number[]) => ({ passes: true, margin: margin(Math.sqrt(products(ys, ys) - products(xs, ys) ** 2 / products(xs, xs)) / mean(ys)) });
  const leverage = (xs: readonly number[]) => ({ passes: true, margin: margin(Math.min(...xs.map((x) => 1 - 1 / xs.length - (x - mean(xs)) ** 2 / products(xs, xs)))) });
  expect(told(a!, 'spread')).toEqual([spread(wealths), spread(incomes)]);
  expect(told(a!, 'fit')).toEqual([fit(wealths, incomes), fit(incomes, wealths)]);
  expect(told(a!, 'leverage')).toEqual([leverage(incomes), leverage(wealths)]);
  // Everybody's differ: more than the minimum do, and how many is not counted.
  expect(told(a!, 'fit-units')).toEqual([{ passes: true, margin: null }, { passes: true, margin: null }]);
  // The line through b is known to within a few.
  expect(told(b!, 'fit').at(-1)?.passes).toBe(false);
  expect(Number(told(b!, 'fit').at(-1)?.margin)).toBeLessThan(0);
  const shown = showEvidence(evidence, 'en');
  for (const each of ['✓ degrees-of-freedom person 48', '✗ degrees-of-freedom person -1', `✓ leverage ${leverage(incomes).margin}`, '✓ fit-units person ≥', '✗ fit -']) expect(shown).toContain(each);
});
