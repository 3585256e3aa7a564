/** Life cycles as tables: state × action → next state. What is not in the table is not possible. */
export type Transitions<State extends string, Action extends string> = {
  readonly [S in State]: { readonly [A in Action]?: State };
};

/** @returns null where the table has no such step. */
export function nextState<State extends string, Action extends string>(table: Transitions<State, Action>, state: State, action: Action): State | null {
  return table[state][action] ?? null;
}

/** Actions that are possible in a state, in the order of the table. */
export function actionsIn<State extends string, Action extends string>(table: Transitions<State, Action>, state: State): Action[] {
  return Object.keys(table[state]) as Action[];
}

/** The table as a Mermaid state diagram; the first state is where it begins, states without a way out are ends. */
export function mermaid<State extends string, Action extends string>(table: Transitions<State, Action>): string {
  const states = Object.keys(table) as State[];
  const lines = ['stateDiagram-v2', `    [*] --> ${states[0]}`];
  for (const state of states) {
    for (const action of actionsIn(table, state)) lines.push(`    ${state} --> ${table[state][action]}: ${action}`);
    if (actionsIn(table, state).length === 0) lines.push(`    ${state} --> [*]`);
  }
  return lines.join('\n');
}
