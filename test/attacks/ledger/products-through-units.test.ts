/**
 * Σwealth·s with the sum s of each person's other rows, or their number c: what was told is the product, not what is known of one of its factors; and
 * Σwealth·c is a sum of wealth in which each counts c times, whoever asks for it.
 */
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { people, DISTRICTS, type Operator } from '../../support/ledger-domain.ts';
import { ledgerTownOf } from '../../support/ledger-town.ts';

const ALL = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const manifest = Manifest.parse({ id: 'town', tables: {
  people: {
    file: 'people.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
    columns: { id: { type: 'varchar', role: 'unit' }, district: { type: 'varchar', role: 'quasi', domain: DISTRICTS, nullable: false }, wealth: { type: 'bigint', role: 'sensitive', min: '0', max: '10000000', nullable: false } },
  },
  jobs: {
    file: 'jobs.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 3 },
    columns: { id: { type: 'varchar', role: 'unit' }, wage: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000', nullable: false } },
  },
} });
const policy = (differencing: string): Policy => Policy.parse({ policy: 'town-statistics', version: 1, dataset: 'town', statistics: {
  mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, differencing, dimensions: { 'people.district': { categories: 'all' } },
  measures: { 'people.wealth': ALL, 'jobs.wage': ALL }, joins: [['people.id', 'jobs.id']],
} });
/** Whose district nobody else is of. */
const TARGET = { id: 'target', district: '李沧', income: 9_876 };
const TOWN = [...people(400).filter(({ district }) => district !== TARGET.district), TARGET].map((person, i) => ({ ...person, wealth: person === TARGET ? 77_777 : 500 + (i * 97) % 3000, jobs: 1 + (i % 3) }));
const town = ledgerTownOf({
  'people.csv': `id,district,wealth\n${TOWN.map(({ id, district, wealth }) => `${id},${district},${wealth}\n`).join('')}`,
  'jobs.csv': `id,wage\n${TOWN.flatMap(({ id, income, jobs }) => Array.from({ length: jobs }, (_, i) => `${id},${Math.floor(income / (i + 2))}\n`)).join('')}`,
}, manifest);

const UNITS = 'people p JOIN (SELECT id, sum(wage) AS s, count(*) AS c FROM jobs GROUP BY id) a ON p.id = a.id';
const ask = async (operator: Operator, sql: string): Promise<readonly (readonly unknown[])[]> => (await operator.ask(sql)).result?.table.rows ?? [];

describe.each(['covar_pop(wealth, s)', 'corr(wealth, s)', 'var_pop(s)', 'covar_pop(wealth, c)', 'var_pop(c)', 'covar_pop(s, c)'])('%s', (statistic) => {
  const sql = `SELECT ${statistic} FROM ${UNITS}`;
  test.each([['an empty ledger', []], ['sums of the factors', ['SELECT sum(wealth) FROM people', 'SELECT sum(wage), count(*) FROM jobs']]])('is right after %s', async (_, before) => {
    const asked = (differencing: string): Promise<readonly (readonly unknown[])[]> => town.asking(policy(differencing), async (operator) => {
      for (const each of before) await ask(operator, each);
      return ask(operator, sql);
    });
    const truth = await asked('none');
    expect(truth).toHaveLength(1);
    expect(truth[0]?.[0]).toEqual(expect.any(Number));
    expect(await asked('warn')).toEqual(truth);
  });
});

describe('a sum over the rows of a join, less products with the number of rows', () => {
  /** Σwealth·c of the whole, from a covariance and its means; of each district as a sum over the joined rows. */
  const told = (differencing: string): Promise<number> => town.asking(policy(differencing), async (operator, other) => {
    const [[covariance, y, x] = []] = await ask(operator, `SELECT covar_pop(wealth, c), regr_avgy(wealth, c), regr_avgx(wealth, c) FROM ${UNITS}`);
    const parts = await ask(other, 'SELECT district, sum(p.wealth) FROM people p JOIN jobs j ON p.id = j.id GROUP BY district');
    const of = TOWN.at(-1)?.jobs ?? Number.NaN;
    return (TOWN.length * (Number(covariance ?? Number.NaN) + Number(y) * Number(x)) - parts.reduce((sum, [district, each]) => sum + (district === TARGET.district ? 0 : Number(each ?? Number.NaN)), 0)) / of;
  });
  test('tells the person without the ledger', async () => expect(await told('none')).toBeCloseTo(77_777, 0));
  test.each(['warn', 'refuse'])('and not with it (%s)', async (differencing) => {
    const value = await told(differencing);
    expect(Number.isNaN(value) || Math.abs(value - 77_777) > 100).toBe(true);
  });
});
