/**
 * `node sandbox/reveal-evidence.ts <keys directory>`: for `sluice try --evidence`, whose user owns the domain. Reads lines
 * `{"job", "sealed"}` on standard input and answers each with one line, the review evidence or `null`. Not a kind of job,
 * on purpose: a server's workers reveal sealed evidence to nobody.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ReviewEvidence } from '#contract/evidence.ts';
import { JobId } from '#contract/id.ts';
import { readKey } from './keys.ts';
import { unseal } from './seal.ts';

const Request = z.strictObject({ job: JobId, sealed: z.base64() });

// An error may quote what was sealed: no message, only the exit.
process.on('uncaughtException', () => process.exit(1));

const key = readKey(process.argv[2] ?? '', 'sealing');
for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${reveal(line)}\n`);

function reveal(line: string): string {
  const { job, sealed } = Request.parse(JSON.parse(line));
  const plain = unseal(key, `evidence:${job}`, sealed);
  return JSON.stringify(plain === null ? null : ReviewEvidence.parse(JSON.parse(Buffer.from(plain).toString('utf8'))));
}
