/**
 * Withholds parts whose rest, taken from the whole in the same row, would be a cell that the rules withhold: one below the minimum, or one
 * that somebody dominates. An average shows what it is made of: its total and how many values it has follow from each other
 * (a fraction of whole numbers has one numerator and one small denominator), and so do moments.
 */
import { complementIsSafe, complementMargin, type Rest } from '#sandbox/sdc/complement.ts';
import type { Evidence, GateSpec, Measure } from './cells.ts';
import { check, least, type Check } from './check.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import type { EffectiveRules } from './effective-rules.ts';
import { showsCount } from './missing-values.ts';
import { isRows, isVisible, type Face } from './protection.ts';
import { asked, presence } from './told-counts.ts';

export function withholdComplements(decided: DecidedGate): DecidedGate {
  const { gate: { spec }, rules } = decided;
  const pairs = pairsUnder(spec, rules);
  if (pairs.length === 0) return decided;
  return { ...decided, rows: decided.rows.map((row) => pairs.reduce((current, pair) => withholdPart(current, pair, decided), row)) };
}

/** Whether every rest is judged as it would be if all units were counted: bounds show it safe, or units are counted. */
export function complementsAreCertain(spec: GateSpec, rules: EffectiveRules, evidence: readonly Evidence[]): boolean {
  return pairsUnder(spec, rules).every(({ whole, part }) => {
    const [all, some] = [evidence[whole], evidence[part]];
    return all !== undefined && some !== undefined && [...rules.units].every(([kind, { value }]) =>
      restIsSafe(spec, whole, all, some, kind, value) || (isCounted(all.units[kind]) && isCounted(some.units[kind])));
  });
}

/** By place in `GateSpec.measures`. */
interface Pair {
  readonly whole: number;
  readonly part: number;
  readonly face: Face;
}

/** Pairs whose rests are magnitudes: under dominance each is a measure of its own (`GateSpec.rests`). */
export function restsUnderDominance(spec: Pick<GateSpec, 'measures' | 'outputs'>, rules: EffectiveRules): readonly Pair[] {
  return rules.secondary.value === 'required' && rules.dominance.length > 0 ? allPairs(spec).filter((pair) => isMagnitude(spec, pair)) : [];
}

const isMagnitude = ({ measures }: Pick<GateSpec, 'measures'>, { whole, part, face }: Pair): boolean =>
  measures[whole]?.magnitude === true && measures[part]?.magnitude === true && (face === 'total' || measures[whole].of.kind === 'rows');

function pairsUnder(spec: GateSpec, rules: EffectiveRules): readonly Pair[] {
  if (rules.secondary.value !== 'required') return [];
  const known = PAIRS.get(spec) ?? allPairs(spec);
  PAIRS.set(spec, known);
  return known;
}

/** They are asked for with every cell. */
const PAIRS = new WeakMap<GateSpec, readonly Pair[]>();

function allPairs(spec: Pick<GateSpec, 'measures' | 'outputs'>): readonly Pair[] {
  const all = spec.measures.map((measure) => new Set(asked(measure)));
  return spec.measures.flatMap((part, p) => spec.measures.flatMap((whole, w) => {
    const [of, by] = [all[p] ?? missing(), all[w] ?? missing()];
    return by.size < of.size && by.isSubsetOf(of) ? pairsOf(spec, whole, part, w, p, of.difference(by)) : [];
  }));
}

/** Both are shown, and every row of the part is one of the whole. @param more what the part asks of a row beside what the whole does */
function pairsOf(spec: Pick<GateSpec, 'measures' | 'outputs'>, whole: Measure, part: Measure, w: number, p: number, more: ReadonlySet<string>): readonly Pair[] {
  const pairs: Pair[] = [];
  const onlyMissing = part.missing === 'as-stored' && more.size === 1 && more.has(presence(part));
  const shows = onlyMissing ? showsCount : isCountVisible;
  if (shows(spec, w) && shows(spec, p)) pairs.push({ whole: w, part: p, face: 'count' });
  if (whole.of.kind === 'column' && part.of.kind === 'column' && whole.of.column === part.of.column && isVisible(spec, w, 'total') && isVisible(spec, p, 'total')) pairs.push({ whole: w, part: p, face: 'total' });
  return pairs;
}

const isCountVisible = (spec: Pick<GateSpec, 'measures' | 'outputs'>, measure: number): boolean => isVisible(spec, measure, 'count');

function withholdPart(row: DecidedRow, pair: Pair, { gate: { spec }, rules }: DecidedGate): DecidedRow {
  const { whole, part, face } = pair;
  const [all, some] = [row.evidence[whole], row.evidence[part]];
  const before = row.withheld[part];
  if (all === undefined || some === undefined || before === undefined || before[face] || row.withheld[whole]?.[face] === true) return row;
  const isLarge = [...rules.units].every(([kind, { value }]) => restIsSafe(spec, whole, all, some, kind, value));
  if (isLarge && !isDominated(row, pair, spec, rules)) return row;
  const hidden: Withheld = { count: before.count || face === 'count' || isRows(spec, part), total: true, because: rules.secondary.clause, primary: true };
  return { ...row, withheld: row.withheld.map((own, i) => (i === part ? hidden : own)) };
}

/** For the reviewer, by place among the gate's measures: what is left of each part's wholes, by kind of unit the one with the fewest. Of wholes that are withheld nothing can be taken. */
export function complementChecks({ gate: { spec }, rules }: DecidedGate, row: DecidedRow): ReadonlyMap<number, readonly Check[]> {
  const rests = new Map<number, Map<string, { passes: boolean; readonly margins: (bigint | null)[] }>>();
  for (const { whole, part, face } of pairsUnder(spec, rules)) {
    const [all, some, withheld] = [row.evidence[whole], row.evidence[part], row.withheld[part]];
    if (all === undefined || some === undefined || (row.withheld[whole]?.[face] === true && withheld?.primary !== true)) continue;
    const own = rests.get(part) ?? new Map<string, { passes: boolean; readonly margins: (bigint | null)[] }>();
    rests.set(part, own);
    for (const [kind, { value }] of rules.units) {
      const rest = restOf(spec, whole, all, some, kind);
      const told = own.get(kind) ?? { passes: true, margins: [] };
      own.set(kind, told);
      told.passes &&= complementIsSafe(rest, value);
      // A rest of nobody says no more than the part.
      if (rest.rows > 0n) told.margins.push(complementMargin(rest, value));
    }
  }
  return new Map(Array.from(rests, ([part, own]) => [part, Array.from(own, ([kind, { passes, margins }]) => check('complement', kind, rules.secondary.clause, passes, () => least(margins)))]));
}

const restIsSafe = (spec: GateSpec, whole: number, all: Evidence, some: Evidence, kind: string, min: number): boolean => complementIsSafe(restOf(spec, whole, all, some, kind), min);

function restOf(spec: GateSpec, whole: number, all: Evidence, some: Evidence, kind: string): Rest {
  return {
    rows: all.count - some.count,
    units: atLeast(all.units[kind]) - atMost(some.units[kind], some.count),
    rowsPerUnit: spec.measures[whole]?.bound?.[kind]?.rows ?? null,
  };
}

/** A rest that is too many to have a measure of its own might be. */
function isDominated(row: DecidedRow, pair: Pair, spec: GateSpec, rules: EffectiveRules): boolean {
  if (rules.dominance.length === 0 || !isMagnitude(spec, pair) || row.evidence[pair.whole]?.count === row.evidence[pair.part]?.count) return false;
  const id = (measure: number): number | undefined => spec.measures[measure]?.id;
  const rest = spec.rests?.find(({ whole, part }) => whole === id(pair.whole) && part === id(pair.part));
  return rest === undefined || row.assessments[spec.measures.findIndex((measure) => measure.id === rest.rest)]?.notDominated !== true;
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

function missing(): never {
  throw new Error('a pair names a measure that its gate does not have');
}
