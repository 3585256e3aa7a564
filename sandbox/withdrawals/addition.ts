/** What one batch does to the withdrawal list, in the form in which it is sealed and kept. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { Name } from '#contract/name.ts';
import { WithdrawalChange, WithdrawalGround } from '#contract/withdrawal.ts';
import { seal, unseal } from '../seal.ts';

const AdditionForm = z.strictObject({
  v: z.literal(1), change: WithdrawalChange, ground: WithdrawalGround,
  /** The agency whose record it is, and in whose datasets it counts. */
  by: z.string(),
  /** Kind of the units. */
  unit: Name,
  /** 16 bytes each, big-endian, in ascending order. */
  pseudonyms: z.base64(),
});

export interface Addition extends Omit<z.infer<typeof AdditionForm>, 'v' | 'pseudonyms'> {
  readonly pseudonyms: readonly bigint[];
}

const BYTES = 16;
const LOW = (1n << 64n) - 1n;

const contextOf = (batch: string): string => `withdrawals:${batch}`;

/** Base64, as `seal` gives it. @param of the batch that it is sealed for */
export function sealAddition(key: Uint8Array, of: string, { pseudonyms, ...rest }: Addition, random: (bytes: number) => Uint8Array): string {
  const words = Buffer.alloc(pseudonyms.length * BYTES);
  pseudonyms.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).forEach((pseudonym, i) => {
    words.writeBigUInt64BE(pseudonym >> 64n, i * BYTES);
    words.writeBigUInt64BE(pseudonym & LOW, i * BYTES + 8);
  });
  const form: z.input<typeof AdditionForm> = { v: 1, ...rest, pseudonyms: words.toString('base64') };
  return seal(key, contextOf(of), deflateRawSync(Buffer.from(JSON.stringify(form), 'utf8')), random);
}

/** Throws where it was changed, belongs to another batch, or was sealed under another key. */
export function openAddition(key: Uint8Array, of: string, sealed: string): Addition {
  const plain = unseal(key, contextOf(of), sealed);
  if (plain === null) throw new Error('an addition to the withdrawal list cannot be opened');
  const { v: _, pseudonyms, ...rest } = AdditionForm.parse(JSON.parse(inflateRawSync(plain).toString('utf8')));
  const words = Buffer.from(pseudonyms, 'base64');
  if (words.length % BYTES !== 0) throw new Error('an addition to the withdrawal list is cut short');
  return { ...rest, pseudonyms: Array.from({ length: words.length / BYTES }, (_unit, i) => (words.readBigUInt64BE(i * BYTES) << 64n) | words.readBigUInt64BE(i * BYTES + 8)) };
}
