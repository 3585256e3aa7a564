/**
 * Problems: every way in which the service says no, as RFC 9457 `application/problem+json`.
 * A failure is a value with one of these codes; what it looks like on the wire is decided in `src/http/problem.ts` alone.
 */
import { z } from 'zod';
import { ACCOUNT_PROBLEMS } from './problem/accounts.ts';
import { APPROVAL_PROBLEMS } from './problem/approvals.ts';
import { CATALOG_PROBLEMS } from './problem/catalog.ts';
import type { LimitName } from './limit.ts';
import { JOB_PROBLEMS } from './problem/jobs.ts';
import { LIMIT_PROBLEMS } from './problem/limits.ts';
import { REQUEST_PROBLEMS } from './problem/request.ts';
import type { Refusal } from './refusal.ts';
import { err, type Err } from './result.ts';
import type { Text } from './text.ts';

/** Codes are stable: once published, a code keeps its meaning and its status. */
export const PROBLEMS = {
  ...REQUEST_PROBLEMS,
  ...LIMIT_PROBLEMS,
  ...ACCOUNT_PROBLEMS,
  ...CATALOG_PROBLEMS,
  ...APPROVAL_PROBLEMS,
  ...JOB_PROBLEMS,
} as const satisfies Record<string, ProblemKind>;
export type ProblemKind = { readonly status: number; readonly title: Text };
export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** A place in the request (`body/columns/3`, `query/limit`) and what is wrong there. */
export type FieldError = { readonly at: string; readonly message: Text };

/**
 * Why something did not happen. `detail` is a whole sentence: what, where, which rule, what would be allowed.
 * `retryAfter`: seconds. `entry`: number of the log entry that already did what was asked. `limit`: the one that was reached.
 */
export type Failure = {
  readonly code: ProblemCode;
  readonly detail: Text;
  readonly refusals?: readonly Refusal[];
  readonly errors?: readonly FieldError[];
  readonly retryAfter?: number;
  readonly incident?: string;
  readonly entry?: number;
  readonly limit?: { readonly name: LimitName; readonly value: number };
};

export function fail(code: ProblemCode, detail: Text, extra: Omit<Failure, 'code' | 'detail'> = {}): Err<Failure> {
  return err({ code, detail, ...extra });
}

export const PROBLEM_TYPE_BASE = 'https://sluice.example/problems/';

/** A problem as it crosses the wire, in one language. */
export const Problem = z.strictObject({
  type: z.string().startsWith(PROBLEM_TYPE_BASE),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  /** Path of the request that met the problem, without its query. */
  instance: z.string(),
  code: z.string(),
  refusals: z.array(z.strictObject({
    code: z.string(),
    message: z.string(),
    position: z.int().nonnegative().nullable(),
    clause: z.string().nullable(),
    suggestion: z.string().nullable(),
  })).optional(),
  errors: z.array(z.strictObject({ at: z.string(), message: z.string() })).optional(),
  retryAfter: z.int().nonnegative().optional(),
  incident: z.string().optional(),
  entry: z.int().nonnegative().optional(),
  /** Name as in the configuration, and how many it allows. */
  limit: z.strictObject({ name: z.string(), value: z.int().nonnegative() }).optional(),
});
export type Problem = z.infer<typeof Problem>;
