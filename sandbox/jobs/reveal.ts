/**
 * Opens sealed review evidence for whoever may see it: the agency's reviewer, and `sluice try --evidence`. Who that is, and that
 * it is on record, is the control plane's matter; the key is not.
 */
import { ReviewEvidence } from '#contract/evidence.ts';
import type { Answer, RevealJob } from '#contract/job.ts';
import { readKey } from '../keys.ts';
import { evidenceContext, unseal } from '../seal.ts';
import type { Workspace } from '../workspace.ts';

export async function runReveal({ job, sealed }: RevealJob, { setup }: Workspace): Promise<Answer> {
  if (setup.keys === null) throw new Error('this worker was not set up to open evidence');
  const plain = unseal(readKey(setup.keys, 'sealing'), evidenceContext(job), sealed);
  return { kind: 'revealed', evidence: plain === null ? null : ReviewEvidence.parse(JSON.parse(Buffer.from(plain).toString('utf8'))) };
}
