import { describe, expect, test } from 'vitest';
import type { GrantId, JobId, OrganisationId } from '#contract/id.ts';
import type { Policy } from '#contract/policy.ts';
import { nextInTurn, ofIdle, Turns, type Underway } from '#src/jobs/fair.ts';
import { delayToGrid } from '#src/jobs/timing.ts';
import type { Waiting } from '#src/store/jobs.ts';

interface Queued { readonly organisation: string; readonly grant: string }

/** Runs a queue to its end with so many places, one job finishing at each step; the order in which they were started. */
function play(queue: readonly Queued[], places: number): string[] {
  const left = queue.map((one, seq) => ({ ...one, seq }));
  const underway: Underway[] = [];
  const turns = new Turns();
  const order: string[] = [];
  while (left.length > 0) {
    if (underway.length === places) underway.shift();
    const heads = [...Map.groupBy(left, ({ grant }) => grant).values()].map(([one]) => one!);
    const waiting = heads.map(({ organisation, grant, seq }): Waiting => ({ organisation: organisation as OrganisationId, grant: grant as GrantId, job: String(seq) as JobId, seq }));
    const next = nextInTurn(waiting, underway, turns)!;
    turns.taken(next);
    underway.push(next);
    left.splice(left.findIndex(({ seq }) => seq === next.seq), 1);
    order.push(next.grant);
  }
  return order;
}

describe('turns', () => {
  const backlog = Array.from({ length: 100 }, (): Queued => ({ organisation: 'big', grant: 'big-1' }));

  test.each([1, 2, 4])("one operator's backlog delays another by one job, with %i places", (places) => {
    const order = play([...backlog, { organisation: 'small', grant: 'small-1' }], places);
    expect(order.indexOf('small-1')).toBeLessThanOrEqual(1);
  });

  test('operators take turns, however many grants one of them has', () => {
    const many = Array.from({ length: 30 }, (_, i): Queued => ({ organisation: 'big', grant: `big-${i % 3}` }));
    const few = Array.from({ length: 10 }, (): Queued => ({ organisation: 'small', grant: 'small-1' }));
    const order = play([...many, ...few], 1).slice(0, 20);
    expect(order.filter((grant) => grant === 'small-1')).toHaveLength(10);
    expect(new Set(order)).toEqual(new Set(['big-0', 'big-1', 'big-2', 'small-1']));
  });

  test('within a grant the oldest comes first, and nothing waits where nothing is', () => {
    expect(nextInTurn([], [], new Turns())).toBeNull();
    expect(play(backlog.slice(0, 3), 1)).toHaveLength(3);
  });
});

test('the places in reserve are for whoever has nothing running', () => {
  const waiting = ['a', 'b', 'b', 'c'].map((name, seq): Waiting => ({ organisation: name as OrganisationId, grant: `${name}-${seq}` as GrantId, job: String(seq) as JobId, seq }));
  const underway = ['a', 'c'].map((name): Underway => ({ organisation: name as OrganisationId, grant: `${name}-9` as GrantId }));
  expect(ofIdle(waiting, underway).map(({ seq }) => seq)).toEqual([1, 2]);
  expect(ofIdle(waiting, [])).toEqual(waiting);
});

describe('the grid of times', () => {
  const policy = (kind: string) => ({ statistics: { mechanism: { kind } } }) as Policy;

  test('outcomes under differential privacy wait for the next whole second', () => {
    expect(delayToGrid([policy('differential-privacy')], 300)).toBe(700);
    expect(delayToGrid([policy('suppress'), policy('differential-privacy')], 2000)).toBe(0);
    expect(delayToGrid([policy('differential-privacy')], 1999.5)).toBe(0.5);
  });

  test('others do not wait', () => {
    expect(delayToGrid([policy('suppress'), policy('round')], 300)).toBe(0);
  });
});
