/** A held result: the data plane opens it, for a reviewer or because it has been let out, and only if it is what was committed to. */
import type { JobId } from '#contract/id.ts';
import type { ResultContents } from '#contract/job.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { apart } from '#src/store/alongside.ts';
import type { JobRow } from '#src/store/jobs.ts';
import type { Store } from '#src/store/store.ts';
import { reveal, type Revealed, type SealedOf } from './reveal.ts';

export type HeldParts = Pick<JobParts, 'store' | 'pool' | 'checkWallMs'>;
export type HeldRow = Pick<JobRow, 'id' | 'held' | 'digest' | 'evidence'>;

/** What the data plane sealed of a job that is or was held. A piece that is not there any more cannot be opened either. */
function sealedOf(store: Store, { id, held, digest, evidence }: HeldRow, withEvidence: boolean): SealedOf {
  if (digest === null) throw new Error('a held job without a digest');
  const piece = (blob: string): Uint8Array => store.blob(blob) ?? new Uint8Array();
  return { job: id, evidence: withEvidence && evidence !== null ? piece(evidence) : null, result: held === null ? null : { sealed: piece(held), digest } };
}

/**
 * For a reviewer, whose name an alteration is recorded under. `result`: null only in a job that was held by a version that did not seal it.
 * Fails `releases/evidence`, `releases/altered`.
 */
export async function openHeld(parts: HeldParts, principal: Principal, row: HeldRow, withEvidence: boolean): Promise<Result<Revealed, Failure>> {
  const { store, pool, checkWallMs } = parts;
  const sealed = sealedOf(store, row, withEvidence);
  if (sealed.result === null && sealed.evidence === null) return ok({ result: null, evidence: null });
  const opened = await reveal(pool, sealed, { wallMs: checkWallMs });
  if (opened === null) {
    return fail('releases/evidence', text('What the data plane keeps of this release could not be opened. Try again; do not decide without it.', '数据域所保存的该发布内容未能打开。请重试；未见内容前请勿作出决定。'), { retryAfter: 1 });
  }
  return sealed.result === null || opened.result !== null ? ok(opened) : altered(store, principal, row.id);
}

/** What was held and never let out, for comparisons that release nothing; null where it cannot be opened. */
export async function peekHeld({ store, pool, checkWallMs }: HeldParts, row: HeldRow): Promise<ResultContents | null> {
  return (await reveal(pool, sealedOf(store, row, false), { wallMs: checkWallMs }))?.result ?? null;
}

/** It stays held: whatever is in its place now, nobody decided on that. */
async function altered(store: Store, principal: Principal, job: JobId): Promise<Result<never, Failure>> {
  await apart(() => store.transact(actorOf(principal), (tx) => {
    tx.record({ kind: 'release.altered', job });
    return ok(null);
  }));
  return fail('releases/altered', text(
    'What is stored in the place of this held result is not what was held: it was altered, exchanged or damaged. It cannot be released. Reject it; the operator can ask again.',
    '该待审结果的存储内容已非当时所待审的结果：可能被篡改、调换或损坏，不能发布。请予以驳回，运营单位可重新提交。',
  ));
}
