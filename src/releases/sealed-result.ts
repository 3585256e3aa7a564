/** Released tables at rest: AES-256-GCM under a key of the control plane, bound to their job. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { z } from 'zod';
import type { JobId } from '#contract/id.ts';
import { Statement } from '#contract/statement.ts';
import { ResultTable } from '#contract/table.ts';

export const StoredResult = z.strictObject({ table: ResultTable, statement: Statement });
export type StoredResult = z.infer<typeof StoredResult>;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const boundTo = (job: JobId): Buffer => Buffer.from(`sluice result 1 ${job}`, 'utf8');

/** nonce ‖ ciphertext ‖ tag. `key`: 32 bytes. */
export function sealResult(key: Uint8Array, job: JobId, result: StoredResult, random: (bytes: number) => Uint8Array): Uint8Array {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(job));
  return Buffer.concat([nonce, cipher.update(JSON.stringify(result), 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** Null where the bytes were altered, belong to another job, or were sealed under another key. */
export function openResult(key: Uint8Array, job: JobId, sealed: Uint8Array): StoredResult | null {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES)).setAAD(boundTo(job));
  try {
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return JSON.parse(plain.toString('utf8')) as StoredResult;
  } catch {
    return null;
  }
}
