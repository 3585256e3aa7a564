import { expect, test } from 'vitest';
import { FairQueue } from '#src/workers/fair-queue.ts';

/** Tasks that end when told to. */
function harness(limit: number) {
  const queue = new FairQueue(limit);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (owner: string, name: string, signal: AbortSignal | null = null) => queue.run(owner, () => {
    started.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  }, 'dropped', signal);
  const end = async (name: string) => {
    ends.get(name)!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, started, add, end };
}

test('owners take turns: a backlog delays only its own owner', async () => {
  const { started, add, end } = harness(1);
  for (let i = 0; i < 5; i++) void add('greedy', `g${i}`);
  void add('modest', 'm0');
  void add('third', 't0');
  for (const name of ['g0', 'g1', 'm0', 't0', 'g2', 'g3']) {
    await new Promise((resolve) => setImmediate(resolve));
    expect(started.at(-1)).toBe(name);
    await end(name);
  }
});

test('never more than the limit at once; a task that throws frees its place', async () => {
  const queue = new FairQueue(3);
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => queue.run(`o${i % 4}`, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    if (i % 5 === 0) throw new Error('broken');
    return 1;
  }, 0, null)));
  expect(most).toBe(3);
  expect(results.filter(({ status }) => status === 'rejected').length).toBe(8);
  expect(queue.running + queue.waiting).toBe(0);
});

test('what waits can be dropped or aborted; what runs is left alone', async () => {
  const { queue, started, add, end } = harness(1);
  const abort = new AbortController();
  const first = add('a', 'a0');
  const [second, third, fourth] = [add('a', 'a1', abort.signal), add('a', 'a2'), add('b', 'b0')];
  abort.abort();
  queue.drop('a');
  expect(await Promise.all([second, third])).toEqual(['dropped', 'dropped']);
  expect(await add('a', 'late', abort.signal)).toBe('dropped');
  await end('a0');
  await end('b0');
  expect(await Promise.all([first, fourth])).toEqual(['a0', 'b0']);
  expect(started).toEqual(['a0', 'b0']);
});
