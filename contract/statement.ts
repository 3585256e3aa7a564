/** The statement that goes with every result: which rules were in force, what was withheld in total, what would help. */
import { z } from 'zod';
import { StatedNoise } from './noise-size.ts';
import { Text } from './text.ts';

export const StatementRule = z.strictObject({
  /** Dotted path in the policy, with the policy's name and version: `city-statistics@3 statistics.units.person.min`. */
  clause: z.string(),
  text: Text,
});
export type StatementRule = z.infer<typeof StatementRule>;

/**
 * Noise of counts of units, as the perturbation table in force has it: its variance V and the largest deviation D that any key gives, V to five digits; never
 * a key. What a unit can contribute up to B to (sums, rows of a unit with several) has noise of variance (V + 1/12)·B² and of at most (D + 1/2)·B.
 */
export const Noise = z.strictObject({
  /** Of the mechanism, in the policy: that of the rule which says it in words. */
  clause: z.string(),
  /** Counts of `from` units and more have noise of this size; `below`: the largest that any smaller count has, null where all counts have the noise above. */
  ...StatedNoise.shape,
});
export type Noise = z.infer<typeof Noise>;

export const Statement = z.strictObject({
  rules: z.array(StatementRule),
  /** Cells withheld over public keys, in total and never by rule; null where no gate has public keys. */
  withheld: z.int().nonnegative().nullable(),
  /** How numbers were changed (`windows`: quantiles and extremes are means of several units), where several gates do so in several ways all of them; empty: numbers are exact. Left out in results of versions before this. */
  numbers: z.array(z.enum(['rounded', 'perturbed', 'windows'])).optional(),
  /** How large noise is, for each policy that adds any; empty: none. Left out in results of versions before this. */
  noise: z.array(Noise).optional(),
  /** Whether rows of keys that are not public may be missing. */
  mayOmitRows: z.boolean(),
  help: z.array(Text),
  sentences: z.array(Text),
});
export type Statement = z.infer<typeof Statement>;
