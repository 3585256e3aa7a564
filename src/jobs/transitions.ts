/** The life of a job. */
import type { Transitions } from '#src/transitions.ts';

export const JOB_STATES = ['queued', 'running', 'released', 'held', 'refused', 'failed', 'cancelled', 'rejected', 'withdrawn'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** `interrupt`: the attempt ended without an answer through no fault of the job, which waits for another. The last three are of the review. */
export type JobAction = 'start' | 'interrupt' | 'release' | 'hold' | 'refuse' | 'fail' | 'cancel' | 'approve' | 'reject' | 'withdraw';

export const JOB_TRANSITIONS = {
  queued: { start: 'running', cancel: 'cancelled' },
  running: { release: 'released', hold: 'held', refuse: 'refused', fail: 'failed', cancel: 'cancelled', interrupt: 'queued' },
  held: { approve: 'released', reject: 'rejected', withdraw: 'withdrawn' },
  released: {},
  refused: {},
  failed: {},
  cancelled: {},
  rejected: {},
  withdrawn: {},
} as const satisfies Transitions<JobState, JobAction>;
