/** Events of applications and grants, and of what people were denied. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { Commitment } from '../commitment.ts';
import { ApplicationId, GrantId, OrganisationId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { SharingMode } from '../sharing-mode.ts';

/**
 * What is asked for and what is given, in the terms of 001 第二十八条: 所需数据 `columns`, 共享模式 `sharing`, 截止时间 `until`.
 * 使用单位 and 应用场景 are free text and sealed. `organisation` applies, `provider` owns the data.
 */
const terms = {
  organisation: OrganisationId,
  provider: OrganisationId,
  columns: z.array(z.string()).min(1),
  purpose: DatasetId,
  sharing: SharingMode,
  until: z.iso.datetime({ precision: 3 }),
};
const grantChange = { grant: GrantId, version: z.int().min(2), reason: Commitment };

export const ApprovalEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('application.submitted'), application: ApplicationId, ...terms, text: Commitment }),
  /** Followed by `grant.issued` in the same transaction. */
  z.strictObject({ kind: z.literal('application.approved'), application: ApplicationId, grant: GrantId }),
  z.strictObject({ kind: z.literal('application.rejected'), application: ApplicationId, reason: Commitment }),
  z.strictObject({ kind: z.literal('application.withdrawn'), application: ApplicationId }),
  /** Version 1 of a grant. `terms`: digest of its document. Columns and end may be less than what was asked for. */
  z.strictObject({ kind: z.literal('grant.issued'), grant: GrantId, application: ApplicationId, ...terms, terms: Digest }),
  z.strictObject({ kind: z.literal('grant.suspended'), ...grantChange }),
  z.strictObject({ kind: z.literal('grant.resumed'), ...grantChange }),
  z.strictObject({ kind: z.literal('grant.revoked'), ...grantChange }),
  /** Somebody with the right role tried what a rule forbids (approving an own proposal, using a revoked grant, …). `code`: of the problem. */
  z.strictObject({ kind: z.literal('request.denied'), action: z.string().max(64), subject: z.string().max(64), code: z.string().max(64) }),
]);
export type ApprovalEvent = z.infer<typeof ApprovalEvent>;
