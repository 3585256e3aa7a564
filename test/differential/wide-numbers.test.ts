/** Numbers that nothing bounds: products of decimals without declared bounds and powers of doubles are added up as plain DuckDB does, or not at all. */
import { expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import fc from '../support/fast-check.ts';
import { openTables, pin } from '../support/sql/tables.ts';
import { plain, rawResult } from '../support/sql/raw.ts';
import { throughGate } from '../support/sql/through-gate.ts';
import { difference } from '../support/same-result.ts';

const MANIFEST = Manifest.parse({
  id: 'wide', tables: { t: { file: 't.csv', units: { person: 'id' }, columns: {
    id: { type: 'varchar', role: 'unit' }, k: { type: 'varchar', role: 'quasi' }, d: { type: 'decimal(15,2)', role: 'sensitive' }, e: { type: 'decimal(18,4)', role: 'sensitive' }, b: { type: 'bigint', role: 'sensitive' }, x: { type: 'double', role: 'sensitive' },
  } } },
});
const FACTORS = ['d', 'e', 'b', 'x', '(d + e)', '(b - 1)', 'abs(d)', 'd * 2', 'greatest(d, e)'];
const expression = fc.oneof(
  fc.array(fc.constantFrom(...FACTORS), { minLength: 1, maxLength: 4 }).map((factors) => factors.join(' * ')),
  fc.tuple(fc.constantFrom('d', 'x', 'b'), fc.integer({ min: 1, max: 6 })).map(([of, power]) => `pow(${of}, ${power})`),
  fc.constantFrom('exp(x / 1e5)', 'CASE WHEN d > 0 THEN d * d * d ELSE e END', 'coalesce(d * e * d, 0)', 'd * d * d + d'),
);
const statistic = fc.tuple(fc.constantFrom('sum', 'avg', 'count', 'stddev_pop'), expression).map(([fn, of]) => `${fn}(${of})`);
const number = (most: number): fc.Arbitrary<string> => fc.oneof(fc.integer({ min: -most, max: most }).map(String), fc.constant('NULL'), fc.constant('0'), fc.constant('1'));
const row = fc.tuple(fc.constantFrom('p', 'q', 'r'), fc.constantFrom('a', 'b'), number(99_999), number(9_999), number(1_000_000), number(99_999));

test('as plain DuckDB has them, and never a failure, which would tell of the data', async () => {
  let compared = 0;
  await fc.assert(fc.asyncProperty(fc.array(row, { maxLength: 12 }), fc.array(statistic, { minLength: 1, maxLength: 4 }), fc.boolean(), async (rows, statistics, grouped) => {
    const data = await openTables(MANIFEST, { t: rows.map(([id, k, d, e, b, x]) => [`'${id}'`, `'${k}'`, d === 'NULL' ? d : `${d}.37`, e === 'NULL' ? e : `${e}.1234`, b, x]) });
    try {
      await data.connection.run('SET search_path = wide');
      const sql = `SELECT ${grouped ? 'k, ' : ''}${statistics.join(', ')} FROM t${grouped ? ' GROUP BY k' : ''}`;
      const reference = await rawResult(data.connection, sql).catch(() => null);
      const answer = await throughGate(data.connection, [pin(MANIFEST)], sql);
      // Spreads of what may be anything are refused.
      if (!answer.ok) expect(answer.error.map(({ code }) => code)).toEqual(answer.error.map(() => 'gate/unbounded'));
      else if (reference !== null) {
        compared++;
        expect(difference(plain(answer.value), reference, false), sql).toBeNull();
      }
    } finally {
      data.close();
    }
  }), { numRuns: 150 });
  expect(compared).toBeGreaterThan(40);
});
