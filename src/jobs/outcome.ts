/** Writes a worker's answer down, once: the end of an attempt, with the result in the same transaction. */
import { digestBytes, type Digest } from '#contract/canonical.ts';
import type { EventBody } from '#contract/event.ts';
import type { DatasetPin } from '#contract/event/jobs.ts';
import type { GrantId, JobId } from '#contract/id.ts';
import type { Answer, HeldEnvelope, ReleaseEnvelope, ResultContents } from '#contract/job.ts';
import { nextHead } from '#contract/chain.ts';
import { grantIsInForce } from '#src/approvals/conditions.ts';
import { sealResult } from '#src/releases/sealed-result.ts';
import { grantRow } from '#src/store/approvals.ts';
import { chainHead } from '#src/store/chains.ts';
import { jobRow, pinsOf } from '#src/store/jobs.ts';
import type { Tx } from '#src/store/transaction.ts';
import { reviewersOf } from './pins.ts';

/** An attempt as it was started. `ledgerHead`, `withdrawals`: heads of the chains that the worker was told. */
export interface Attempt {
  readonly job: JobId;
  readonly grant: GrantId;
  readonly attempt: number;
  readonly ledgerHead: Digest | null;
  readonly withdrawals: Digest | null;
}

export interface OutcomeParts {
  readonly program: string;
  readonly sealingKey: Uint8Array;
}

/** A result that meets a moved chain is computed again, this many times; then the job fails. */
const MAX_ATTEMPTS_AFTER_MOVES = 20;

/**
 * INVARIANT (fencing): takes effect only where the job is still running this very attempt. A worker that answers after its job was
 * cancelled, restarted or finished otherwise changes nothing. @returns the event, null where there was nothing left to end.
 */
export function recordOutcome(tx: Tx, parts: OutcomeParts, of: Attempt, answer: Answer): EventBody['kind'] | null {
  const row = jobRow(tx.db, of.job);
  if (row === undefined || row.state !== 'running' || row.attempt !== of.attempt) return null;
  return tx.record(eventOf(tx, parts, of, pinsOf(row), answer)).body.kind;
}

function eventOf(tx: Tx, parts: OutcomeParts, of: Attempt, pins: readonly DatasetPin[], answer: Answer): EventBody {
  const { job, attempt } = of;
  switch (answer.kind) {
    case 'released':
    case 'held': {
      const { envelope } = answer;
      // The grant came to its end while the job ran: nothing is released under it any more.
      const grant = grantRow(tx.db, of.grant);
      if (grant === undefined || !grantIsInForce(grant, tx.now).ok) return { kind: 'job.cancelled', job, attempt, cause: 'grant-expired' };
      // INVARIANT (who withdrew takes no part): a result counts only if the list that it was computed on is still the one in force.
      const moved = chainHead(tx.db, 'withdrawals') !== of.withdrawals ? 'withdrawals' : envelope.sealed.ledger !== null && chainHead(tx.db, 'ledger') !== of.ledgerHead ? 'ledger' : null;
      if (moved !== null) return attempt < MAX_ATTEMPTS_AFTER_MOVES ? { kind: 'job.interrupted', job, attempt, cause: moved } : { kind: 'job.failed', job, attempt };
      const answered = answerOf(tx, parts, of, envelope);
      return answer.kind === 'released'
        ? { kind: 'job.released', ...answered, ...keepResult(tx, parts.sealingKey, job, answer.envelope) }
        : { kind: 'job.held', ...answered, held: tx.putBlob(Buffer.from(answer.envelope.sealed.result, 'base64')), reviewers: reviewersOf(tx.db, pins) };
    }
    case 'refused': {
      const refusals = answer.refusals.slice(0, 100);
      return { kind: 'job.refused', job, attempt, codes: refusals.map(({ code }) => code.slice(0, 64)), refusals: tx.seal(JSON.stringify(refusals)) };
    }
    case 'failed':
    // Answers to other questions: a worker that confuses them has failed.
    case 'ready':
    case 'checked':
    case 'parquet':
    case 'revealed':
    case 'ingested':
    case 'ingest-refused':
    case 'chain-kept':
    case 'entered':
    case 'entry-withdrawn':
    case 'withdrawal-sealed':
      return { kind: 'job.failed', job, attempt };
    default:
      return answer satisfies never;
  }
}

function answerOf(tx: Tx, { program }: OutcomeParts, { job, attempt, ledgerHead: seen, withdrawals }: Attempt, { digest, executed, engine, sealed }: ReleaseEnvelope | HeldEnvelope) {
  const delta = sealed.ledger === null ? null : Buffer.from(sealed.ledger, 'base64');
  return {
    job, attempt, digest, executed, engine, program, withdrawals,
    evidence: sealed.evidence === null ? null : tx.putBlob(Buffer.from(sealed.evidence, 'base64')),
    ledgerHead: seen,
    // A held table counts as released: the operator may learn of it, and near-twins must not both pass while it waits.
    ledger: delta === null ? null : { head: nextHead(seen, digestBytes(delta)), delta: tx.putBlob(delta) },
  };
}

/** Stores a result that is out, and gives what the log says of it. */
export function keepResult(tx: Tx, sealingKey: Uint8Array, job: JobId, { table, statement, cost }: ResultContents) {
  return { result: tx.putBlob(sealResult(sealingKey, job, { table, statement }, tx.random)), cost, withheld: statement.withheld };
}
