/** How a number that was asked for is kept, so that it can be asked for again. */
import { z } from 'zod';

export const FaceForm = z.strictObject({ measure: z.int().nonnegative(), face: z.enum(['count', 'total', 'units']), unit: z.string().nullable() });

/** `SelectParts` of who is behind it, where each unit has one row. */
export const FlatForm = z.strictObject({ from: z.string(), where: z.string().nullable(), stored: z.boolean(), columns: z.record(z.string(), z.string()) });
