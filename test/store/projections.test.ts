import { expect, it } from 'vitest';
import { EVENT_KINDS } from '#contract/event.ts';
import { PROJECTIONS } from '#src/projections.ts';
import { Dispatch, tablesOf } from '#src/store/projection.ts';

it('every kind of event has exactly one projection, or is named as changing no table', () => {
  // `Dispatch` itself refuses a kind that is claimed twice.
  expect([...new Dispatch(PROJECTIONS).kinds].sort()).toEqual([...EVENT_KINDS].sort());
  expect(new Set(EVENT_KINDS).size).toBe(EVENT_KINDS.length);
});

it('no two areas have a table of the same name', () => {
  const tables = PROJECTIONS.flatMap(({ tables: projected, side }) => [...tablesOf(projected), ...tablesOf(side ?? '')]);
  expect(new Set(tables).size).toBe(tables.length);
});
