/** Evidence for the reviewer, to be sealed by the caller: every cell with the checks that decided it. */
import type { EvidenceCell, EvidenceCheck, EvidenceGate, EvidenceMeasure, EvidencePattern, ReviewEvidence } from '#contract/evidence.ts';
import { isReached } from '#sandbox/sdc/secondary/cheapest-pattern.ts';
import type { Assessment } from './assess.ts';
import type { Measure } from './cells.ts';
import type { Check } from './check.ts';
import { classChecks } from './classes.ts';
import { complementChecks } from './complements.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import { compareRows } from './order.ts';
import type { Release } from './release.ts';
import { bothPatterns, type Pattern } from './secondary.ts';
import { spreadChecks } from './spread.ts';

export function evidenceOf(releases: readonly Release[]): ReviewEvidence {
  const patterns = releases.flatMap(({ pattern }) => pattern ?? []);
  return { v: 1, gates: releases.flatMap(({ decided }) => decided.map(gateEvidence)), ...(patterns.length === 0 ? {} : { pattern: patternEvidence(patterns.reduce(bothPatterns)) }) };
}

function patternEvidence({ numbers, whole, cost, atLeast }: Pattern): EvidencePattern {
  return { numbers, whole, gap: isReached(cost, atLeast) ? 0 : Math.min(1, Math.ceil((1 - atLeast / cost) * 1000) / 1000) };
}

function gateEvidence(decided: DecidedGate): EvidenceGate {
  const { gate: { spec }, rows, dropped } = decided;
  const inClass = classChecks(decided);
  const canonical = compareRows(spec.keys.map(({ type }) => type));
  const cells = [...rows.map((row) => ({ row, absent: false })), ...dropped.map((row) => ({ row, absent: true }))]
    .sort((a, b) => canonical(a.row.keys, b.row.keys))
    .map(({ row, absent }) => cellEvidence(spec.measures, row, absent, [complementChecks(decided, row), inClass(row), spreadChecks(decided, row)]));
  return {
    gate: spec.id,
    keys: spec.keys.map(({ name }) => name),
    measures: spec.measures.map(({ id, of, conditions }) => ({ measure: id, of: of.kind === 'rows' ? 'rows' : of.column, condition: conditions.length === 0 ? null : conditions.join(' and ') })),
    cells,
    weakest: weakestOf(cells),
  };
}

/** @param beside checks that a measure is not judged by alone, by its place */
function cellEvidence(measures: readonly Measure[], row: DecidedRow, absent: boolean, beside: readonly ReadonlyMap<number, readonly Check[]>[]): EvidenceCell {
  return {
    keys: [...row.keys],
    absent,
    measures: measures.flatMap(({ id }, i) => {
      const assessment = row.assessments[i];
      const withheld = row.withheld[i];
      return assessment === undefined || withheld === undefined ? [] : [measureEvidence(id, assessment, withheld, beside.flatMap((checks) => checks.get(i) ?? []))];
    }),
  };
}

function measureEvidence(measure: number, assessment: Assessment, withheld: Withheld, beside: readonly Check[]): EvidenceMeasure {
  const told = ({ rule, unit, clause, passes, margin }: Check): EvidenceCheck => ({ rule, unit, clause, passes, margin: margin?.toString() ?? null });
  const checks = assessment.checks.map(told);
  return {
    measure,
    outcome: withheld.count ? 'withheld' : withheld.total ? 'count-only' : 'released',
    decidedBy: withheld.total ? [...new Set([...checks.filter(({ passes }) => !passes).map(({ clause }) => clause), ...(withheld.because === undefined ? [] : [withheld.because])])] : [],
    checks: [...checks, ...beside.map(told)],
  };
}

function weakestOf(cells: readonly EvidenceCell[]): number | null {
  let weakest: { readonly index: number; readonly margin: bigint } | null = null;
  for (const [index, cell] of cells.entries()) {
    if (cell.absent) continue;
    for (const { outcome, checks } of cell.measures) {
      if (outcome === 'withheld') continue;
      for (const { rule, margin, passes } of checks) {
        if (rule !== 'minimum-units' || margin === null || !passes) continue;
        if (weakest === null || BigInt(margin) < weakest.margin) weakest = { index, margin: BigInt(margin) };
      }
    }
  }
  return weakest?.index ?? null;
}
