/** Events of the service itself: its life, its keys and configuration, and texts erased on request. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { Commitment } from '../commitment.ts';

export const ServiceEvent = z.discriminatedUnion('kind', [
  /** `configuration`: digest of the effective configuration without its secrets. */
  z.strictObject({ kind: z.literal('service.started'), version: z.string(), engine: z.string(), isolation: z.enum(['bubblewrap', 'process']), configuration: Digest }),
  z.strictObject({ kind: z.literal('service.stopped') }),
  /** A secret of the domain came into use (noise key, pseudonym key, …): only its digest is told, so that replays can name it. */
  z.strictObject({ kind: z.literal('key.committed'), key: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), digest: Digest }),
  /** The key of a sealed text was destroyed: the text is gone, every proof about the log still verifies. */
  z.strictObject({ kind: z.literal('text.shredded'), commitment: Commitment }),
  /** An auditor was handed a copy of the log of this size. */
  z.strictObject({ kind: z.literal('log.exported'), size: z.int().nonnegative() }),
]);
export type ServiceEvent = z.infer<typeof ServiceEvent>;
