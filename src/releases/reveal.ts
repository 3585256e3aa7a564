/** Has the data plane open what it sealed: this side has no key to it. What is opened belongs to whoever asked and is kept by nobody. */
import type { Digest } from '#contract/canonical.ts';
import type { JobId } from '#contract/id.ts';
import type { Answer, RevealJob } from '#contract/job.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import type { RunOptions } from '#src/workers/pool.ts';

type Pool = Pick<JobParts['pool'], 'run'>;
export type Revealed = Omit<Extract<Answer, { kind: 'revealed' }>, 'kind'>;

/** `result`: null where none was given. */
export interface SealedOf {
  readonly job: JobId;
  readonly evidence: Uint8Array | null;
  readonly result: { readonly sealed: Uint8Array; readonly digest: Digest } | null;
}

/** Null where the worker gives no answer, which says nothing about what is sealed. */
export async function reveal(pool: Pool, { job, evidence, result }: SealedOf, options: RunOptions): Promise<Revealed | null> {
  return ask(pool, {
    kind: 'reveal', job, evidence: evidence === null ? null : base64(evidence),
    result: result === null ? null : { sealed: base64(result.sealed), digest: result.digest },
  }, options);
}

/**
 * What a worker has just answered to a query: of a held result what is sealed in the answer, of one that is out what is there. For those who
 * try, judge or compare a query and release nothing by it. Null where it is no result, or could not be opened.
 */
export async function openAnswer(pool: Pool, job: JobId, answer: Answer, withEvidence: boolean, options: RunOptions): Promise<Revealed> {
  if (answer.kind !== 'released' && answer.kind !== 'held') return { result: null, evidence: null };
  const evidence = withEvidence ? answer.envelope.sealed.evidence : null;
  const held = answer.kind === 'held' ? { sealed: answer.envelope.sealed.result, digest: answer.envelope.digest } : null;
  const opened = evidence === null && held === null ? null : await ask(pool, { kind: 'reveal', job, evidence, result: held }, options);
  return { evidence: opened?.evidence ?? null, result: answer.kind === 'held' ? opened?.result ?? null : answer.envelope };
}

async function ask(pool: Pool, spec: RevealJob, options: RunOptions): Promise<Revealed | null> {
  const answer = await pool.run({ kind: 'reveal' }, spec, options);
  return answer.kind === 'revealed' ? answer : null;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
