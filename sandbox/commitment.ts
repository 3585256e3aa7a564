/** What the log may know of a result: a commitment that nobody without the domain's key can try values on. */
import { createHmac } from 'node:crypto';
import { canonical, type Digest } from '#contract/canonical.ts';
import type { JobId } from '#contract/id.ts';
import type { ResultTable } from '#contract/table.ts';
import { readKey } from './keys.ts';

/** HMAC-SHA-256 under a key of the job's own, made from the domain key: a bare digest of a small count could be guessed. */
export function commitmentTo(table: ResultTable, job: JobId, keys: string): Digest {
  const key = createHmac('sha256', readKey(keys, 'domain')).update(job).digest();
  return createHmac('sha256', key).update(canonical(table)).digest('hex') as Digest;
}
