import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { APPLICATION_TRANSITIONS, DATASET_TRANSITIONS, GRANT_TRANSITIONS, LEDGER_ENTRY_TRANSITIONS, POLICY_TRANSITIONS } from '#src/approvals/transitions.ts';
import { JOB_TRANSITIONS } from '#src/jobs/transitions.ts';
import { actionsIn, mermaid, nextState, type Transitions } from '#src/transitions.ts';

const TABLES: Readonly<Record<string, Transitions<string, string>>> = {
  Dataset: DATASET_TRANSITIONS, 'Policy version': POLICY_TRANSITIONS, Application: APPLICATION_TRANSITIONS, Grant: GRANT_TRANSITIONS, 'Table published elsewhere': LEDGER_ENTRY_TRANSITIONS, Job: JOB_TRANSITIONS,
};

/** States that can be reached from the first one. */
function reachable(table: Transitions<string, string>): Set<string> {
  const seen = new Set([Object.keys(table)[0] ?? '']);
  for (const state of seen) for (const action of actionsIn(table, state)) seen.add(nextState(table, state, action) ?? '');
  return seen;
}

describe.each(Object.entries(TABLES))('%s', (title, table) => {
  const states = Object.keys(table);

  test('every state is reachable, every step leads to a state, and there is an end', () => {
    expect([...reachable(table)].sort()).toEqual([...states].sort());
    for (const state of states) for (const action of actionsIn(table, state)) expect(states).toContain(nextState(table, state, action));
    expect(states.some((state) => actionsIn(table, state).length === 0)).toBe(true);
  });

  test('what is not in the table is not possible', () => {
    const actions = new Set(states.flatMap((state) => actionsIn(table, state)));
    for (const state of states) for (const action of actions) {
      expect(nextState(table, state, action)).toBe(actionsIn(table, state).includes(action) ? table[state]?.[action] : null);
    }
  });

  test('docs/life-cycles.md shows the diagram of the table', () => {
    const page = readFileSync(new URL('../../docs/life-cycles.md', import.meta.url), 'utf8');
    expect(page).toContain(`## ${title}\n\n\`\`\`mermaid\n${mermaid(table)}\n\`\`\``);
  });
});

test('a job ends for good in every end; released is led into by running and held only, and out of by the agency taking it back', () => {
  const into = Object.entries(JOB_TRANSITIONS).flatMap(([from, steps]) => Object.entries(steps).filter(([, to]) => to === 'released').map(([action]) => `${from}.${action}`));
  expect(into.sort()).toEqual(['held.approve', 'running.release']);
  expect(actionsIn<string, string>(JOB_TRANSITIONS, 'released')).toEqual(['revoke']);
  for (const end of ['refused', 'failed', 'cancelled', 'rejected', 'withdrawn'] as const) expect(actionsIn<string, string>(JOB_TRANSITIONS, end)).toEqual([]);
});
