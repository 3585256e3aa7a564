import { expect, test } from 'vitest';
import { FairQueue } from '#src/workers/fair-queue.ts';

/** Tasks that end when told to. */
function harness(limit: number) {
  const queue = new FairQueue(limit);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (turn: string, name: string, signal: AbortSignal | null = null, owner = turn) => queue.run({ turn, owner }, () => {
    started.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  }, 'dropped', signal);
  const end = async (name: string) => {
    ends.get(name)!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, started, add, end };
}

test('a backlog delays only its own turn', async () => {
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
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => queue.run({ turn: `o${i % 4}`, owner: `o${i % 4}` }, async () => {
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

test('an owner is dropped out of whichever turns its tasks would take, and out of nobody else’s', async () => {
  const { queue, started, add, end } = harness(1);
  const first = add('a', 'a0', null, 'grant-1');
  const rest = [add('a', 'a1', null, 'grant-2'), add('a', 'a2', null, 'grant-1'), add('b', 'b0', null, 'grant-2'), add('b', 'b1', null, 'grant-3')];
  queue.drop('grant-2');
  expect(queue.waiting).toBe(2);
  await new Promise((resolve) => setImmediate(resolve));
  for (const name of ['a0', 'a2', 'b1']) await end(name);
  expect(await Promise.all([first, ...rest])).toEqual(['a0', 'dropped', 'a2', 'dropped', 'b1']);
  expect(started).toEqual(['a0', 'a2', 'b1']);
});
