/** Problems of jobs, releases, budgets and replays. */

export const JOB_PROBLEMS = {
} as const;
