/** Whose job is next: operators take turns, and within an operator its grants do, so that nobody's backlog delays another. */
import type { GrantId, OrganisationId } from '#contract/id.ts';
import type { Waiting } from '#src/store/jobs.ts';

export interface Underway {
  readonly grant: GrantId;
  readonly organisation: OrganisationId;
}

/** When an organisation and a grant last had a turn: a number that counts up. */
export class Turns {
  #turn = 0;
  readonly #last = new Map<string, number>();

  taken(of: Underway): void {
    this.#turn++;
    this.#last.set(of.organisation, this.#turn);
    this.#last.set(of.grant, this.#turn);
  }

  last(id: string): number {
    return this.#last.get(id) ?? 0;
  }
}

/** What waits of organisations that have nothing running: those may take the places in reserve. */
export const ofIdle = (waiting: readonly Waiting[], underway: readonly Underway[]): readonly Waiting[] =>
  waiting.filter(({ organisation }) => underway.every((job) => job.organisation !== organisation));

/** Fewest running jobs first, then longest without a turn, then oldest job. Null where nothing waits. */
export function nextInTurn(waiting: readonly Waiting[], underway: readonly Underway[], turns: Turns): Waiting | null {
  const running = (key: 'organisation' | 'grant', id: string) => underway.filter((job) => job[key] === id).length;
  const rank = (one: Waiting) => [
    running('organisation', one.organisation), turns.last(one.organisation), running('grant', one.grant), turns.last(one.grant), one.seq,
  ];
  const ranked = waiting.map((one) => ({ one, rank: rank(one) })).sort((a, b) => compare(a.rank, b.rank));
  return ranked[0]?.one ?? null;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i < 0 ? 0 : (a[i] ?? 0) - (b[i] ?? 0);
}
