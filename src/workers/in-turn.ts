/** Workers as one organisation asks them: what it asks for waits in its own turns, behind nobody's backlog. */
import type { OrganisationId } from '#contract/id.ts';
import type { WorkerPool } from './pool.ts';

type Workers = Pick<WorkerPool, 'run' | 'killGrant' | 'prepare'>;

export const inTurnOf = (pool: Workers, turn: OrganisationId): Workers => ({
  run: (key, spec, options) => pool.run(key, spec, { ...options, turn }),
  killGrant: (grant) => pool.killGrant(grant),
  prepare: (snapshots, least) => pool.prepare(snapshots, least),
});
