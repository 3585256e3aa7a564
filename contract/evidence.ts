/**
 * The reviewer's evidence: for every cell which rule decided, and by how much. Sealed to the reviewer; it tells what an operator
 * must not know (which rule removed a cell, the parameters of dominance rules, cells that do not exist for the operator).
 */
import { z } from 'zod';
import { Value } from './table.ts';

/** Rules about units, whose kind `unit` is; and about values, of which those that go by what a unit has in all name its kind too. */
const UNIT_RULES = ['minimum-units', 'complement', 'class-disclosure', 'degrees-of-freedom', 'fit-units'] as const;
const VALUE_RULES = ['p-percent', 'pq', 'nk', 'spread', 'fit', 'leverage'] as const;

/**
 * `margin`: how far the cell is from the rule's limit, as an integer in text, negative where it fails: units above the minimum of a rule about units, hundredths of a
 * percent within a rule about values. Null where only a bound is known, or where no limit could be missed or met by more or less (nobody is in the rest, all values are alike).
 */
export const EvidenceCheck = z.strictObject({
  rule: z.enum([...UNIT_RULES, ...VALUE_RULES]),
  unit: z.string().nullable(),
  clause: z.string(),
  passes: z.boolean(),
  margin: z.string().regex(/^-?\d+$/).nullable(),
});
export type EvidenceCheck = z.infer<typeof EvidenceCheck>;

/** What left of a measure: everything, its count only, or nothing. `decidedBy`: clauses of the rules that withheld it. */
export const EvidenceMeasure = z.strictObject({
  measure: z.int().nonnegative(),
  outcome: z.enum(['released', 'count-only', 'withheld']),
  decidedBy: z.array(z.string()),
  checks: z.array(EvidenceCheck),
});
export type EvidenceMeasure = z.infer<typeof EvidenceMeasure>;

/** `absent`: the operator's table has no such row. */
export const EvidenceCell = z.strictObject({
  keys: z.array(Value),
  absent: z.boolean(),
  measures: z.array(EvidenceMeasure),
});
export type EvidenceCell = z.infer<typeof EvidenceCell>;

export const EvidenceGate = z.strictObject({
  gate: z.int().nonnegative(),
  keys: z.array(z.string()),
  /** What each measure counts or adds up, by id. */
  measures: z.array(z.strictObject({ measure: z.int().nonnegative(), of: z.string(), condition: z.string().nullable() })),
  cells: z.array(EvidenceCell),
  /** Index of the released cell nearest to the minimum of units; null where nothing was released or only bounds are known. */
  weakest: z.int().nonnegative().nullable(),
});
export type EvidenceGate = z.infer<typeof EvidenceGate>;

/**
 * A number that was not given as the cell has it, because of the disclosure ledger. `same`: as it was released for a population
 * that differs by `differing` units (0: none; a lower bound where the earlier data are no longer open). `follows`: as it follows
 * from several earlier releases; `together`: from other numbers of the same tables.
 */
export const EvidenceOverlap = z.strictObject({
  gate: z.int().nonnegative(),
  keys: z.array(Value),
  measure: z.int().nonnegative(),
  face: z.enum(['count', 'total', 'units']),
  how: z.enum(['same', 'follows', 'together']),
  differing: z.int().nonnegative(),
  /** Earlier jobs, and entries of the agency. */
  releases: z.array(z.string()),
});
export type EvidenceOverlap = z.infer<typeof EvidenceOverlap>;

/** What the disclosure ledger found. `exact`: within its bounds nothing was left unlooked at. Absent where no policy asks for it. */
export const EvidenceLedger = z.strictObject({ overlaps: z.array(EvidenceOverlap), exact: z.boolean() });
export type EvidenceLedger = z.infer<typeof EvidenceLedger>;

/**
 * How much secondary suppression withheld, over counts and totals of all tables. `numbers`: withheld to cover others; `whole`: of
 * these, everything around a cell for which no pattern was found. `gap`: at most this share of their cost could be spared by another pattern
 * that protects as much, 0 … 1 in thousandths, rounded up; 0: none does better, to a ten-thousandth. The cost of a number is about 1, of a
 * margin or of one in several tables some times as much. Absent where no policy requires it.
 */
export const EvidencePattern = z.strictObject({ numbers: z.int().nonnegative(), whole: z.int().nonnegative(), gap: z.number().min(0).max(1) });
export type EvidencePattern = z.infer<typeof EvidencePattern>;

export const ReviewEvidence = z.strictObject({ v: z.literal(1), gates: z.array(EvidenceGate), pattern: EvidencePattern.optional(), ledger: EvidenceLedger.optional() });
export type ReviewEvidence = z.infer<typeof ReviewEvidence>;
