/** The statement that goes with every result: which rules were in force, what was withheld in total, what would help. */
import { z } from 'zod';
import { Text } from './text.ts';

export const StatementRule = z.strictObject({
  /** Dotted path in the policy, with the policy's name and version: `city-statistics@3 statistics.units.person.min`. */
  clause: z.string(),
  text: Text,
});
export type StatementRule = z.infer<typeof StatementRule>;

export const Statement = z.strictObject({
  rules: z.array(StatementRule),
  /** Cells withheld over public keys, in total and never by rule; null where no gate has public keys. */
  withheld: z.int().nonnegative().nullable(),
  /** How numbers were changed (`windows`: quantiles and extremes are means of several units), where several gates do so in several ways all of them; empty: numbers are exact. Left out in results of versions before this. */
  numbers: z.array(z.enum(['rounded', 'perturbed', 'windows'])).optional(),
  /** Whether rows of keys that are not public may be missing. */
  mayOmitRows: z.boolean(),
  help: z.array(Text),
  sentences: z.array(Text),
});
export type Statement = z.infer<typeof Statement>;
