/**
 * What of each cell is withheld. A measure has two faces: how many values it has (count) and what they add up to (total).
 *
 * - Too few units withholds both: a count of a small group is as telling as its sum.
 * - Dominance withholds the total only. The count of a dominated group of many says nothing about the large one's value.
 *   A count of rows of a unit that may have many rows is itself a magnitude: there the count is the total.
 * - count(*) and count(x) are different measures with different contributors, so each stands under its own minimum.
 */
import type { CellKeyNoise } from '#sandbox/sdc/cell-key/noise.ts';
import type { Assessment } from './assess.ts';
import { assess } from './assess.ts';
import type { GateCells, Measure } from './cells.ts';
import { complete } from './complete.ts';
import type { CandidateRow } from './complete.ts';
import type { EffectiveRules } from './effective-rules.ts';
import { compareRows } from './order.ts';
import { isVisible } from './protection.ts';
import { withheldAfterRecall, type Recall, type Recalled } from './recall.ts';

export interface Withheld {
  readonly count: boolean;
  readonly total: boolean;
  /** Clause of the rule that withheld more than the cell's own checks ask for. */
  readonly because?: string;
  /** That rule is about this cell itself (a complement, a spread), so it must not be recomputed either. */
  readonly primary?: true;
  /** Withheld with everything around it and not because anything rests on it: another table may show it. */
  readonly whole?: true;
}

export interface DecidedRow extends CandidateRow {
  /** By measure. */
  readonly assessments: readonly Assessment[];
  readonly withheld: readonly Withheld[];
  /** By measure: what the disclosure ledger has of the cell. Absent where it has nothing. */
  readonly recalled?: readonly (Recalled | null)[];
}

export interface DecidedGate {
  readonly gate: GateCells;
  readonly rules: EffectiveRules;
  /** Of cell-key noise; null under other mechanisms. */
  readonly noise: CellKeyNoise | null;
  readonly rows: readonly DecidedRow[];
  /** Cells of other keys that do not exist for the operator; kept for the reviewer. */
  readonly dropped: readonly DecidedRow[];
}

export function decide(gate: GateCells, rules: EffectiveRules, noise: CellKeyNoise | null, recall: Recall | null = null): DecidedGate {
  if (gate.spec.measures.length === 0) throw new Error('a gate without a measure proves nothing about its groups');
  // Canonical order: what is decided later must not depend on the order in which the engine returned its groups.
  const canonical = compareRows(gate.spec.keys.map(({ type }) => type));
  const candidates = [...complete(gate, rules.completes)].sort((a, b) => canonical(a.keys, b.keys));
  const decided = candidates.map((row): DecidedRow => {
    const assessments = gate.spec.measures.map((measure, i) => {
      const evidence = row.evidence[i];
      if (evidence === undefined) throw new Error('a cell lacks the evidence of a measure');
      return assess(measure, evidence, rules, noise);
    });
    const because = row.window?.because ?? null;
    const own = gate.spec.measures.map((measure, i): Withheld => (because === null ? withheldBy(measure, at(assessments, i)) : { count: true, total: true, because, primary: true }));
    const recalled = recall === null ? [] : gate.spec.measures.map((_, i) => recall(gate.spec.id, row.keys, i));
    if (recalled.every((one) => one === null)) return { ...row, assessments, withheld: own };
    return { ...row, assessments, recalled, withheld: own.map((each, i) => withheldAfterRecall(each, gate.spec.measures[i]?.of.kind === 'rows', recalled[i] ?? null, rules.secondary.clause)) };
  });
  const { rows = [], dropped = [] } = Object.groupBy(decided, (row) => (row.public || exists(row) ? 'rows' : 'dropped'));
  const fails = decided.some(({ withheld }) => withheld.some(({ total }, i) => total && (isVisible(gate.spec, i, 'total') || isVisible(gate.spec, i, 'count'))));
  return { gate, rules, noise, rows: fails && rules.withhold.value === 'table' ? rows.map((row) => withholdRow(row, rules.withhold.clause)) : rows, dropped };
}

function withholdRow(row: DecidedRow, because: string): DecidedRow {
  return { ...row, withheld: row.withheld.map((own) => (own.count ? own : { count: true, total: true, because, whole: true as const })) };
}

/** Contributors of any measure are units of the group: one measure with enough of them shows that the group is large enough to be named. */
function exists(row: DecidedRow): boolean {
  return (row.window?.named ?? row.assessments.some(({ enoughUnits }) => enoughUnits)) || (row.recalled?.some((one) => one !== null && (one.count !== undefined || one.total !== undefined || one.units !== undefined)) ?? false);
}

function withheldBy(measure: Measure, { enoughUnits, notDominated, publishableZero }: Assessment): Withheld {
  if (publishableZero) return { count: false, total: false };
  const total = !enoughUnits || !notDominated;
  return { count: measure.of.kind === 'rows' ? total : !enoughUnits, total };
}

function at<T>(items: readonly T[], i: number): T {
  const item = items[i];
  if (item === undefined) throw new Error('index out of range');
  return item;
}
