/** What the data plane wants kept for itself by the control plane: AES-256-GCM under the sealing key. */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Base64 of nonce ‖ ciphertext ‖ tag.
 * @param key 32 bytes
 * @param context what the text is and whom it belongs to (`evidence:job_…`); authenticated, so that one sealed text
 *   cannot be put in another's place
 * @param random injected; 96-bit random nonces are safe for about 2^32 seals under one key
 */
export function seal(key: Uint8Array, context: string, plain: Uint8Array, random: (bytes: number) => Uint8Array): string {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Null where the text was changed, belongs to another context, or was sealed under another key. */
export function unseal(key: Uint8Array, context: string, sealed: string): Uint8Array | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}

/** Contexts in use: one for each thing that is sealed. */
export const evidenceContext = (job: string): string => `evidence:${job}`;
export const heldContext = (job: string): string => `held:${job}`;
