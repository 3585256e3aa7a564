import { z } from 'zod';

export const ApprovalEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('approvals.none') }),
]);
