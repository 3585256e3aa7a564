import { z } from 'zod';

export const JobEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('jobs.none') }),
]);
