import { z } from 'zod';

export const CatalogEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('catalog.none') }),
]);
