/**
 * Sealed texts: the log carries HMAC-SHA-256(key, text), the store keeps the text encrypted, each under a fresh key.
 * Destroying the key erases the text; whoever was given key and text can still check the commitment.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Commitment } from '#contract/commitment.ts';
import type { Reader, Writer } from './db.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function seal(db: Writer, text: string, random: (bytes: number) => Uint8Array): Commitment {
  const key = random(KEY_BYTES);
  const nonce = random(NONCE_BYTES);
  const commitment = commit(key, text);
  const cipher = createCipheriv('aes-256-gcm', encryptionKey(key), nonce);
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  db.run('INSERT INTO sealed_texts (commitment, nonce, ciphertext) VALUES (?, ?, ?)', commitment, nonce, ciphertext);
  db.run('INSERT INTO sealed_keys (commitment, key) VALUES (?, ?)', commitment, key);
  return commitment;
}

/** @returns null where the text was shredded or never sealed here. Throws where the stored bytes were altered. */
export function unseal(db: Reader, commitment: Commitment): string | null {
  const row = db.get<{ key: Uint8Array; nonce: Uint8Array; ciphertext: Uint8Array }>(
    'SELECT key, nonce, ciphertext FROM sealed_texts JOIN sealed_keys USING (commitment) WHERE commitment = ?', commitment);
  if (row === undefined) return null;
  const body = row.ciphertext.subarray(0, -TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey(row.key), row.nonce);
  decipher.setAuthTag(row.ciphertext.subarray(-TAG_BYTES));
  const text = Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  if (commit(row.key, text) !== commitment) throw new Error('a sealed text does not match its commitment');
  return text;
}

/** @returns false where there is no key to destroy. */
export function destroyKey(db: Writer, commitment: Commitment): boolean {
  return db.run('DELETE FROM sealed_keys WHERE commitment = ?', commitment) === 1;
}

function commit(key: Uint8Array, text: string): Commitment {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex') as Commitment;
}

/** A key apart from the committing one: otherwise the commitment of a cleverly chosen text could be the encryption key. */
function encryptionKey(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), 'sluice sealed text', KEY_BYTES));
}
