/** The explanation tree of a query (`jobs:check`): the same JSON for the operator's editor and the agency's approval screen. */
import { z } from 'zod';
import { Text } from './text.ts';

export const GateExplanation = z.strictObject({
  gate: z.int().nonnegative(),
  position: z.int().nonnegative().nullable(),
  /** The protected relation in words. */
  relation: Text,
  units: z.array(z.string()),
  keys: z.array(z.strictObject({ name: z.string(), type: z.string(), public: z.boolean() })),
  columns: z.array(z.strictObject({ column: z.string(), uses: z.array(z.enum(['filter', 'group', 'measure', 'join'])) })),
  statistics: z.array(z.string()),
  /** How the number of units of a cell is known: `one-row-per-unit`, `certified-by-bounds` (declared), `certified-by-witnesses` (units of a slice), `per-unit` (pre-aggregated). */
  path: z.enum(['one-row-per-unit', 'certified-by-bounds', 'certified-by-witnesses', 'per-unit']),
  /** Rows of one unit that may fall into the gate, by unit kind, and the declared fact it comes from; null where unknown. */
  bounds: z.array(z.strictObject({ unit: z.string(), rows: z.int().nullable(), from: z.string() })),
  /** Rows that come back whatever the data, where every key is public. */
  rows: z.int().nonnegative().nullable(),
});
export type GateExplanation = z.infer<typeof GateExplanation>;

export const Explanation = z.strictObject({
  gates: z.array(GateExplanation),
  /** What is computed from released cells only, in words. */
  rest: Text,
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  caps: z.array(z.strictObject({ name: z.string(), used: z.int().nonnegative(), limit: z.int().nonnegative() })),
});
export type Explanation = z.infer<typeof Explanation>;
