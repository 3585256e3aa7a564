/** Grants over HTTP. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { ApplicationId, GrantId, OrganisationId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { SharingMode } from '../sharing-mode.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

export const GrantState = z.enum(['active', 'suspended', 'revoked']);
export const GrantParams = z.strictObject({ grant: GrantId });

/** `version` counts up with each change of state. `terms`: digest of columns, purpose, sharing mode and end. */
export const GrantView = z.strictObject({
  id: GrantId,
  application: ApplicationId,
  organisation: OrganisationId,
  provider: OrganisationId,
  state: GrantState,
  /** Past its end, whatever its state. */
  expired: z.boolean(),
  version: z.int().min(1),
  terms: Digest,
  datasets: z.array(DatasetId),
  columns: z.array(z.string()),
  purpose: DatasetId,
  sharing: SharingMode,
  until: Timestamp,
  issuedAt: Timestamp,
  /** Why it was last suspended, resumed or revoked. */
  reason: z.string().nullable(),
});
export type GrantView = z.infer<typeof GrantView>;

export const GrantQuery = z.strictObject({ ...PageQuery.shape, state: GrantState.optional() });
export const GrantPage = pageOf(GrantView);
