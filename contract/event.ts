/**
 * Events: every change of state is one. An entry of the log is the canonical form (RFC 8785) of an `Event`.
 * Entries carry no data value and no personal data in clear: free text and SQL go in as commitments.
 */
import { z } from 'zod';
import { AccountEvent } from './event/accounts.ts';
import { ApprovalEvent } from './event/approvals.ts';
import { CatalogEvent } from './event/catalog.ts';
import { JobEvent } from './event/jobs.ts';
import { ServiceEvent } from './event/service.ts';

export const Actor = z.strictObject({
  /** An account, or `system` for the service itself, or `console` for a command run beside the store. */
  id: z.string(),
  role: z.enum(['operator', 'agency', 'auditor', 'administrator', 'system']),
  via: z.enum(['session', 'token', 'console', 'system']),
});
export type Actor = z.infer<typeof Actor>;

export const EventBody = z.discriminatedUnion('kind', [AccountEvent, CatalogEvent, ApprovalEvent, JobEvent, ServiceEvent]);
export type EventBody = z.infer<typeof EventBody>;
export type EventKind = EventBody['kind'];

/** Every kind there is, as declared by the areas. */
export const EVENT_KINDS: readonly EventKind[] = EventBody.options.flatMap((area) => area.options.map((one) => one.shape.kind.value));

/** `seq`: zero-based, without gaps, the leaf index in the tree. `time`: UTC, milliseconds, ISO 8601. */
export const EventHeader = z.strictObject({ v: z.literal(1), seq: z.int().nonnegative(), time: z.iso.datetime({ precision: 3 }), actor: Actor });

export const Event = z.strictObject({ ...EventHeader.shape, body: EventBody });
export type Event = z.infer<typeof Event>;
/** An event whose body is of one kind. */
export type EventOf<Kind extends EventKind> = Omit<Event, 'body'> & { body: Extract<EventBody, { kind: Kind }> };

/** An entry longer than this does not fit an entry bundle (uint16 length, tlog-tiles). */
export const MAX_ENTRY_BYTES = 65_535;
