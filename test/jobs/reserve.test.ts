/** Places in reserve: who has nothing running does not wait behind the jobs of others. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { domainApp, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
beforeEach(async () => {
  app = await domainApp({ parts: { concurrency: 2, reserve: 1 } });
  await app.publish();
});
afterEach(() => app.dispose());

test('an operator whose jobs never end takes the places that all have, and not the one in reserve', async () => {
  const rival = await app.person('operator');
  const third = await app.person('operator');
  const [hostile, theirs, last] = [await app.grantFor(), await app.grantFor(rival), await app.grantFor(third)];
  app.pool.hold();
  for (let i = 0; i < 5; i++) await app.submit(hostile);
  await app.pool.reached(2);
  const states = async (grant: string, token: string) => (await app.call('GET', `/api/v1/jobs?grant=${grant}`, { token })).json.items.map(({ state }: { state: string }) => state).toSorted();
  expect(await states(hostile, app.people.operator.token)).toEqual(['queued', 'queued', 'queued', 'running', 'running']);
  await app.submit(theirs, 'SELECT 1', rival);
  await app.pool.reached(3);
  expect(await states(theirs, rival.token)).toEqual(['running']);
  // There is one in reserve, and it is taken.
  await app.submit(last, 'SELECT 1', third);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await states(last, third.token)).toEqual(['queued']);
  expect(await states(hostile, app.people.operator.token)).toEqual(['queued', 'queued', 'queued', 'running', 'running']);
  app.pool.letGo();
  await app.domain.runner.settled();
  expect(await states(last, third.token)).toEqual(['released']);
});
