/** Secrets of sessions and tokens: 256 random bits, of which only the SHA-256 is kept. */
import { digestBytes, type Digest } from '#contract/canonical.ts';
import type { Tx } from '#src/store/transaction.ts';

/** Recognisable to secret scanners; the prefix is part of the secret. */
const PREFIXES = { session: 'sluice_s_', token: 'sluice_t_' } as const;

export function newSecret(kind: keyof typeof PREFIXES, random: (bytes: number) => Uint8Array): string {
  return PREFIXES[kind] + Buffer.from(random(32)).toString('base64url');
}

/** Unsalted: 256 random bits are beyond guessing, and a lookup by digest takes the same time for all that are unknown. */
export const digestOfSecret = (secret: string): Digest => digestBytes(Buffer.from(secret, 'utf8'));

export function keepSecret(tx: Tx, credential: string, secret: string): void {
  tx.db.run('INSERT INTO credential_secrets (digest, credential, used) VALUES (?, ?, ?)', digestOfSecret(secret), credential, tx.now.getTime());
}
