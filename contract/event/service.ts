import { z } from 'zod';

export const ServiceEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('service.none') }),
]);
