/** A table that is asked for under a higher minimum shows some of its cells, and under a lower one the others: both are remembered, and a rest is compared with all of them. */
import { expect, test } from 'vitest';
import { DISTRICTS, ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 98_765;
const [, , THIRD, FOURTH] = DISTRICTS;
/** The first two districts have many more people than the others. */
const town = ledgerTown([...people(400).filter(({ district }, i) => i < (district === THIRD || district === FOURTH ? 80 : 240)), { id: 'target', district: THIRD!, age: 110, sex: 'F', income: SECRET }]);

async function told(differencing: 'none' | 'warn' | 'refuse', before: boolean): Promise<number> {
  const [strict, loose] = [ledgerPolicy(differencing, { units: { person: { min: 50 } } }), ledgerPolicy(differencing)];
  return town.under([strict, loose], async ([asksStrictly, asks]) => {
    const table = 'SELECT district, sum(income) FROM people GROUP BY district';
    if (before) await asksStrictly!.ask(table);
    const cells = new Map((await asks!.ask(table)).result?.table.rows.map(([district, sum]) => [district, Number(sum ?? NaN)]));
    const rest = (await asks!.ask(`SELECT sum(income) FROM people WHERE district IN ('${THIRD}', '${FOURTH}') AND age <> 110`)).result?.table.rows[0]?.[0];
    return (cells.get(THIRD!) ?? NaN) + (cells.get(FOURTH!) ?? NaN) - Number(rest ?? NaN);
  });
}

test('without the ledger one person is told', async () => expect(await told('none', true)).toBe(SECRET));
test.each(['warn', 'refuse'] as const)('not with it (%s)', async (differencing) => {
  expect(await told(differencing, false)).not.toBe(SECRET);
  expect(await told(differencing, true)).not.toBe(SECRET);
});
