/** The life of a job. */
import type { Transitions } from '#src/transitions.ts';

export const JOB_STATES = ['queued', 'running', 'released', 'held', 'refused', 'failed', 'cancelled', 'rejected', 'withdrawn'] as const;
export type JobState = (typeof JOB_STATES)[number];

/**
 * `interrupt`: the attempt ended without an answer through no fault of the job, which waits for another. `approve`, `reject` and `withdraw` end the review,
 * in which a vote that is not the last one leaves the job held; `revoke`: the agency takes a released result back. */
export type JobAction = 'start' | 'interrupt' | 'release' | 'hold' | 'refuse' | 'fail' | 'cancel' | 'vote' | 'approve' | 'reject' | 'withdraw' | 'revoke';

export const JOB_TRANSITIONS = {
  queued: { start: 'running', cancel: 'cancelled' },
  running: { release: 'released', hold: 'held', refuse: 'refused', fail: 'failed', cancel: 'cancelled', interrupt: 'queued' },
  held: { vote: 'held', approve: 'released', reject: 'rejected', withdraw: 'withdrawn' },
  released: { revoke: 'withdrawn' },
  refused: {},
  failed: {},
  cancelled: {},
  rejected: {},
  withdrawn: {},
} as const satisfies Transitions<JobState, JobAction>;
