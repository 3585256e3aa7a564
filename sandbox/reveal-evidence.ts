/**
 * `node sandbox/reveal-evidence.ts <keys>`: opens sealed review evidence for whoever may see it (the agency's reviewer, and
 * `sluice try --evidence`). One line of JSON in, `{"job": "job_…", "sealed": "…"}`; one line out, the evidence, or `null`
 * where it cannot be opened. A process of its own, so that the control plane holds no key.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ReviewEvidence } from '#contract/evidence.ts';
import { JobId } from '#contract/id.ts';
import { readKey } from './keys.ts';
import { evidenceContext, unseal } from './seal.ts';

const Request = z.strictObject({ job: JobId, sealed: z.base64() });

const key = readKey(process.argv[2] ?? '', 'sealing');
for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(reveal(line))}\n`);

function reveal(line: string): ReviewEvidence | null {
  try {
    const { job, sealed } = Request.parse(JSON.parse(line));
    const plain = unseal(key, evidenceContext(job), sealed);
    return plain === null ? null : ReviewEvidence.parse(JSON.parse(Buffer.from(plain).toString('utf8')));
  } catch {
    return null;
  }
}
