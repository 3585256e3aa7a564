/** What one rule said about a cell. Sealed evidence: never for the operator. */
import type { EvidenceCheck } from '#contract/evidence.ts';

export interface Check {
  readonly rule: EvidenceCheck['rule'];
  /** Kind of the units; null where the rule is about values alone. */
  readonly unit: string | null;
  readonly clause: string;
  readonly passes: boolean;
  /** As in the evidence (`EvidenceCheck`). */
  readonly margin: bigint | null;
}

/** @param margin worked out when asked for: only a reviewer reads margins, and a table may have many cells */
export function check(rule: Check['rule'], unit: string | null, clause: string, passes: boolean, margin: () => bigint | null): Check {
  return { rule, unit, clause, passes, get margin() { return margin(); } };
}

/** Of the margins of one rule; null where one of them is not known. */
export function least(margins: readonly (bigint | null)[]): bigint | null {
  return margins.reduce<bigint | null>((smallest, margin) => (smallest === null || margin === null || smallest < margin ? (margin === null ? null : smallest) : margin), margins[0] ?? null);
}
