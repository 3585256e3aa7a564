import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inOrder } from '#src/cli/trial/in-order.ts';

/** Later ones end sooner. */
function worker() {
  const seen = { begun: 0, ended: 0, most: 0 };
  const work = async (n: number): Promise<number> => {
    seen.begun++;
    seen.most = Math.max(seen.most, seen.begun - seen.ended);
    await sleep(20 - n);
    seen.ended++;
    if (n === 13) throw new Error('thirteen');
    return n;
  };
  return { seen, work };
}
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test('results come in the order of the things, so many at once', async () => {
  const { seen, work } = worker();
  const found: number[] = [];
  for await (const n of inOrder(numbers(12), 3, work)) found.push(n);
  expect(found).toEqual(numbers(12));
  expect(seen.most).toBe(3);
});

test('whoever stops waits for what was begun, and nothing more begins', async () => {
  const { seen, work } = worker();
  for await (const n of inOrder(numbers(12), 3, work)) if (n === 1) break;
  expect(seen.begun).toBe(seen.ended);
  expect(seen.begun).toBeLessThanOrEqual(5);
});

test('a failure is thrown where its result would have come, after what was begun has ended', async () => {
  const { seen, work } = worker();
  const found: number[] = [];
  await expect((async () => { for await (const n of inOrder(numbers(20), 4, work)) found.push(n); })()).rejects.toThrow('thirteen');
  expect(found).toEqual(numbers(13));
  expect(seen.begun).toBe(seen.ended);
});
