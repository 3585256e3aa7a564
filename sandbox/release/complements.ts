/** Withholds parts whose rest, taken from the whole in the same row, would be a cell below the minimum. */
import { complementIsSafe } from '#sandbox/sdc/complement.ts';
import type { Evidence, GateSpec, Measure } from './cells.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import type { EffectiveRules } from './effective-rules.ts';

export function withholdComplements(decided: DecidedGate): DecidedGate {
  const { gate: { spec }, rules } = decided;
  const pairs = allPairs(spec, rules);
  if (pairs.length === 0) return decided;
  return { ...decided, rows: decided.rows.map((row) => pairs.reduce((current, pair) => withholdPart(current, pair, decided), row)) };
}

/** Whether every rest is judged as it would be if all units were counted: bounds show it safe, or units are counted. */
export function complementsAreCertain(spec: GateSpec, rules: EffectiveRules, evidence: readonly Evidence[]): boolean {
  return allPairs(spec, rules).every(({ whole, part }) => {
    const [all, some] = [evidence[whole], evidence[part]];
    return all !== undefined && some !== undefined && [...rules.units].every(([kind, { value }]) =>
      restIsSafe(spec, whole, all, some, kind, value) || (isCounted(all.units[kind]) && isCounted(some.units[kind])));
  });
}

function allPairs(spec: GateSpec, rules: EffectiveRules): readonly Pair[] {
  return rules.secondary.value === 'required' ? spec.measures.flatMap((part, p) => spec.measures.flatMap((whole, w) => pairsOf(spec, whole, part, w, p))) : [];
}

interface Pair {
  readonly whole: number;
  readonly part: number;
  readonly face: 'count' | 'total';
}

/** Both are shown, and every row of the part is one of the whole. */
function pairsOf(spec: GateSpec, whole: Measure, part: Measure, w: number, p: number): readonly Pair[] {
  if (w === p || whole.condition !== null) return [];
  const pairs: Pair[] = [];
  const countsPart = part.condition !== null || part.of.kind === 'column';
  if (whole.of.kind === 'rows' && countsPart && showsCount(spec, whole) && showsCount(spec, part)) pairs.push({ whole: w, part: p, face: 'count' });
  const sameColumn = whole.of.kind === 'column' && part.of.kind === 'column' && whole.of.column === part.of.column;
  if (sameColumn && part.condition !== null) {
    if (showsTotal(spec, whole) && showsTotal(spec, part)) pairs.push({ whole: w, part: p, face: 'total' });
    if (showsCount(spec, whole) && showsCount(spec, part)) pairs.push({ whole: w, part: p, face: 'count' });
  }
  return pairs;
}

/** A sum and an average of the same values show how many there are. An average alone does not. */
function showsCount({ outputs }: GateSpec, { id, of }: Measure): boolean {
  const average = outputs.some((output) => output.statistic === 'avg' && output.count === id);
  const total = outputs.some((output) => output.statistic === 'sum' && output.terms.some(({ measure }) => measure === id));
  return (average && total) || (of.kind === 'rows' && total)
    || outputs.some((output) => (output.statistic === 'count' || output.statistic === 'count-units') && output.measure === id);
}

function showsTotal(spec: GateSpec, measure: Measure): boolean {
  const { id } = measure;
  const average = spec.outputs.some((output) => output.statistic === 'avg' && output.terms.some((term) => term.measure === id));
  return spec.outputs.some((output) => output.statistic === 'sum' && output.terms.some((term) => term.measure === id)) || (average && showsCount(spec, measure));
}

function withholdPart(row: DecidedRow, { whole, part, face }: Pair, { gate: { spec }, rules }: DecidedGate): DecidedRow {
  const [all, some] = [row.evidence[whole], row.evidence[part]];
  const before = row.withheld[part];
  if (all === undefined || some === undefined || before === undefined || before[face] || row.withheld[whole]?.[face] === true) return row;
  if ([...rules.units].every(([kind, { value }]) => restIsSafe(spec, whole, all, some, kind, value))) return row;
  const hidden: Withheld = { count: before.count || face === 'count' || spec.measures[part]?.of.kind === 'rows', total: true, because: rules.secondary.clause, primary: true };
  return { ...row, withheld: row.withheld.map((own, i) => (i === part ? hidden : own)) };
}

function restIsSafe(spec: GateSpec, whole: number, all: Evidence, some: Evidence, kind: string, min: number): boolean {
  return complementIsSafe({
    rows: all.count - some.count,
    units: atLeast(all.units[kind]) - atMost(some.units[kind], some.count),
    rowsPerUnit: spec.measures[whole]?.bound?.[kind]?.rows ?? null,
  }, min);
}

type Known = DecidedRow['evidence'][number]['units'][string] | undefined;

const isCounted = (units: Known): boolean => units !== undefined && 'exact' in units;

function atLeast(units: Known): bigint {
  return units === undefined ? 0n : 'exact' in units ? units.exact : units.atLeast;
}

/** A unit has at least one row. */
function atMost(units: Known, rows: bigint): bigint {
  return units !== undefined && 'exact' in units ? units.exact : rows;
}
