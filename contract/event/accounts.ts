import { z } from 'zod';

export const AccountEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('accounts.none') }),
]);
