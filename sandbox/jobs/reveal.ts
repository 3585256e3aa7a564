/**
 * Opens what the data plane sealed of a job, for whoever may see it: the agency's reviewer, the operator once a held result is let
 * out, and `sluice try`. Who that is, and that it is on record, is the control plane's matter; the key is not.
 */
import { ReviewEvidence } from '#contract/evidence.ts';
import type { JobId } from '#contract/id.ts';
import { ResultContents, type Answer, type RevealJob } from '#contract/job.ts';
import { commitmentTo } from '../commitment.ts';
import { readKey } from '../keys.ts';
import { readPaddedJson } from '../padding.ts';
import { evidenceContext, heldContext, unseal } from '../seal.ts';
import type { Workspace } from '../workspace.ts';

export async function runReveal({ job, evidence, result }: RevealJob, { setup: { keys } }: Workspace): Promise<Answer> {
  if (keys === null) throw new Error('this worker was not set up to open what is sealed');
  const plain = evidence === null ? null : unseal(readKey(keys, 'sealing'), evidenceContext(job), evidence);
  return {
    kind: 'revealed',
    evidence: plain === null ? null : ReviewEvidence.parse(readPaddedJson(plain)),
    result: result === null ? null : openHeld(result, job, keys),
  };
}

/** INVARIANT (what was committed to): null where the table is not the one of the digest, whoever sealed it. */
function openHeld({ sealed, digest }: NonNullable<RevealJob['result']>, job: JobId, keys: string): ResultContents | null {
  const plain = unseal(readKey(keys, 'sealing'), heldContext(job), sealed);
  if (plain === null) return null;
  const contents = ResultContents.parse(readPaddedJson(plain));
  return commitmentTo(contents.table, job, keys) === digest ? contents : null;
}
