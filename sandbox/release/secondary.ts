/**
 * Secondary suppression over the tables of a job: builds the numbers and their equations from decided gates, has
 * `sdc/secondary` choose what else to hide, and marks it. Counts and totals of each measure are problems of their own;
 * where a count is hidden, the total of the same values goes with it.
 */
import type { DominanceRule } from '#contract/policy.ts';
import { assertNever } from '#contract/result.ts';
import type { Value } from '#contract/table.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import type { Equation, ProblemCell } from '#sandbox/sdc/secondary/problem.ts';
import { protect } from '#sandbox/sdc/secondary/protect.ts';
import type { GateCells, GateSpec } from './cells.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';
import { identityOf, Levels, meeting, wholeKey } from './links.ts';
import type { Meeting } from './links.ts';

type Face = 'count' | 'total';

/** @param earlier tables that have left already: they can't be hidden any more, but they count for what is known */
export function protectSecondary(gates: readonly DecidedGate[], earlier: readonly DecidedGate[], solver: LinearSolver | null): readonly DecidedGate[] {
  const work = [...earlier.map((gate) => ({ gate, fixed: true })), ...gates.map((gate) => ({ gate, fixed: false }))]
    .map(({ gate, fixed }): MutableGate => ({ source: gate, fixed, rows: [...gate.rows, ...gate.dropped], named: gate.rows.length, withheld: [...gate.rows, ...gate.dropped].map((row) => [...row.withheld]) }));
  const levels = new Levels(work.flatMap(({ source }) => source.gate.coarsenings ?? []));

  for (const group of Map.groupBy(occurrences(work), ({ key }) => key).values()) {
    if (!group.some(({ gate }) => !gate.fixed && gate.source.rules.secondary.value === 'required')) continue;
    for (const face of facesOf(group)) hideFurther(group, face, levels, solver);
  }
  return work.filter(({ fixed }) => !fixed).map(({ source, withheld }) => ({
    ...source,
    rows: source.rows.map((row, r): DecidedRow => ({ ...row, withheld: withheld[r] ?? row.withheld })),
  }));
}

interface MutableGate {
  readonly source: DecidedGate;
  readonly fixed: boolean;
  /** Named rows first, then those that do not exist for the operator but do in the sums. */
  readonly rows: readonly DecidedRow[];
  readonly named: number;
  readonly withheld: Withheld[][];
}

/** One measure of one gate. `key`: the same rows counted or the same values added up. */
interface Occurrence {
  readonly key: string;
  readonly gate: MutableGate;
  readonly measure: number;
}

function occurrences(work: readonly MutableGate[]): readonly Occurrence[] {
  return work.flatMap((gate) => {
    const { spec } = gate.source.gate;
    return spec.relation === undefined ? [] : spec.measures.map((measure, i) => ({ key: JSON.stringify([spec.relation, identityOf(measure)]), gate, measure: i }));
  });
}

function facesOf(group: readonly Occurrence[]): readonly Face[] {
  return group.some(({ gate, measure }) => gate.source.gate.spec.measures[measure]?.of.kind === 'rows') ? ['total'] : ['count', 'total'];
}

function hideFurther(group: readonly Occurrence[], face: Face, levels: Levels, solver: LinearSolver | null): void {
  const tables = tablesOf(group, levels);
  for (const table of tables) keepHidden(table, face);
  const numbers = tables.flatMap((table) => {
    const margin = tables.some((other) => isMarginOf(table, other, levels));
    return table.rows.map((row) => problemCell(row, face, margin));
  });
  if (!numbers.some(({ width }) => width > 0n)) return;
  const equations = equationsOf(tables, levels);
  const owners = ownersOf(tables.flatMap(({ rows }) => rows.map(isLone)), equations);
  const cells = numbers.map((cell, i): ProblemCell => ({ ...cell, owner: owners[i] ?? null }));
  const protection = protect({
    cells,
    equations,
    // One negative value shows that the column may be negative: then no lower limit is known of any cell.
    nonNegative: cells.every(({ value }) => value >= 0n),
  }, solver);
  let offset = 0;
  for (const { rows } of tables) {
    rows.forEach((row, r) => {
      if (protection === null || protection.secondary.has(offset + r)) for (const place of row) hide(place, face);
    });
    offset += rows.length;
  }
}

/** A measure of one row of one gate. */
interface Place {
  readonly occurrence: Occurrence;
  readonly row: number;
}

/** Gates with the same keys hold the same numbers: one table, whose every row may stand in several places. */
interface LinkedTable {
  readonly first: GateCells;
  readonly rows: readonly (readonly Place[])[];
}

function tablesOf(group: readonly Occurrence[], levels: Levels): readonly LinkedTable[] {
  const tables: { readonly first: GateCells; readonly rows: Map<string, Place[]> }[] = [];
  for (const occurrence of group) {
    const gate = occurrence.gate.source.gate;
    const known = tables.map((table) => ({ table, met: meeting(table.first, gate, levels) }))
      .find(({ table, met }) => table.first === gate || (met !== null && met.keepsFirst && met.keepsSecond));
    const table = known?.table ?? { first: gate, rows: new Map<string, Place[]>() };
    if (known === undefined) tables.push(table);
    const met = table.first === gate ? null : known?.met ?? null;
    occurrence.gate.rows.forEach((row, r) => {
      const key = met === null ? wholeKey(row.keys) : met.second(row.keys);
      const places = table.rows.get(key) ?? [];
      places.push({ occurrence, row: r });
      table.rows.set(key, places);
    });
  }
  return tables.map(({ first, rows }) => ({ first, rows: [...rows.values()] }));
}

function isMarginOf(margin: LinkedTable, table: LinkedTable, levels: Levels): boolean {
  const met = margin === table ? null : meeting(margin.first, table.first, levels);
  return met !== null && met.keepsFirst && !met.keepsSecond;
}

/** What two tables have in common must agree. Equations that follow from others are left out. */
function equationsOf(tables: readonly LinkedTable[], levels: Levels): readonly Equation[] {
  const equations: Equation[] = [];
  const offsets = tables.map((_, t) => tables.slice(0, t).reduce((sum, { rows }) => sum + rows.length, 0));
  for (const [a, first] of tables.entries()) {
    for (const [b, second] of tables.entries()) {
      const met = b <= a ? null : meeting(first.first, second.first, levels);
      if (met === null || isImplied(first, second, tables, levels)) continue;
      const groups = new Map<string, [number, 1 | -1][]>();
      const collect = ({ rows }: LinkedTable, merge: Meeting['first'], offset: number, sign: 1 | -1) => rows.forEach((row, r) => {
        const key = merge(keysOf(row));
        const equation = groups.get(key) ?? [];
        equation.push([offset + r, sign]);
        groups.set(key, equation);
      });
      collect(first, met.first, offsets[a] ?? 0, 1);
      collect(second, met.second, offsets[b] ?? 0, -1);
      equations.push(...groups.values());
    }
  }
  return equations;
}

/** Through a table between a margin and its cells; or, for two tables side by side, through one that is finer than both. */
function isImplied(a: LinkedTable, b: LinkedTable, tables: readonly LinkedTable[], levels: Levels): boolean {
  const others = tables.filter((table) => table !== a && table !== b);
  if (isMarginOf(a, b, levels)) return others.some((c) => isMarginOf(a, c, levels) && isMarginOf(c, b, levels));
  if (isMarginOf(b, a, levels)) return others.some((c) => isMarginOf(b, c, levels) && isMarginOf(c, a, levels));
  return others.some((c) => isMarginOf(a, c, levels) && isMarginOf(b, c, levels));
}

/** Whatever an earlier table of the job hid stays hidden in a later one. */
function keepHidden({ rows }: LinkedTable, face: Face): void {
  for (const row of rows) {
    if (row.some((place) => place.occurrence.gate.fixed && withheldAt(place)[face])) for (const place of row) hide(place, face);
  }
}

function problemCell(row: readonly Place[], face: Face, margin: boolean): Omit<ProblemCell, 'owner'> {
  const shown = row.filter(({ occurrence: { gate, measure }, row: r }) =>
    r < gate.named && !withheldAt({ occurrence: { key: '', gate, measure }, row: r })[face] && isVisible(gate.source.gate.spec, measure, face));
  const place = row[0] ?? missing();
  const { gate, measure } = place.occurrence;
  const decided = gate.rows[place.row] ?? missing();
  const evidence = decided.evidence[measure] ?? missing();
  return {
    value: face === 'count' ? evidence.count : evidence.sum,
    state: shown.length === 0 ? 'hidden' : shown.some(({ occurrence }) => occurrence.gate.fixed) ? 'fixed' : 'open',
    width: isFailing(decided, measure, face) ? widthOf(place, face) : 0n,
    margin,
  };
}

/** One unit alone contributes, of whatever kind. */
function isLone(row: readonly Place[]): boolean {
  const { occurrence: { gate, measure }, row: r } = row[0] ?? missing();
  const { units } = gate.rows[r]?.evidence[measure] ?? missing();
  return Object.values(units).some((count) => 'exact' in count && count.exact === 1n);
}

/**
 * A margin with one unit holds that unit in every cell that is not empty, so all of them are the same unit's. Other lone cells
 * are taken to be different units: more attackers than there may be, never fewer.
 */
function ownersOf(lone: readonly boolean[], equations: readonly Equation[]): readonly (number | null)[] {
  const parent = lone.map((_, i) => i);
  const root = (cell: number): number => {
    let at = cell;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) at = up;
    return at;
  };
  for (const equation of equations) {
    for (const sign of [1, -1]) {
      const side = equation.filter(([, coefficient]) => coefficient === sign);
      const [margin] = side;
      if (margin === undefined || side.length !== 1 || lone[margin[0]] !== true) continue;
      for (const [cell, coefficient] of equation) if (coefficient !== sign && lone[cell] === true) parent[root(cell)] = root(margin[0]);
    }
  }
  return lone.map((is, i) => (is ? root(i) : null));
}

function keysOf(row: readonly Place[]): readonly Value[] {
  const place = row[0] ?? missing();
  return place.occurrence.gate.rows[place.row]?.keys ?? missing();
}

function withheldAt({ occurrence: { gate, measure }, row }: Place): Withheld {
  return gate.withheld[row]?.[measure] ?? missing();
}

/** Whether the cell is hidden for its own sake. */
function isFailing(row: DecidedRow, measure: number, face: Face): boolean {
  const assessment = row.assessments[measure] ?? missing();
  // What was released before cannot be hidden any more.
  if (row.recalled?.[measure]?.[face] !== undefined) return false;
  return !assessment.publishableZero && (!assessment.enoughUnits || (face === 'total' && !assessment.notDominated));
}

/** Whether any output of the gate shows this face of the measure; an average shows both. */
function isVisible(spec: GateSpec, measure: number, face: Face): boolean {
  const { id, of } = spec.measures[measure] ?? missing();
  return spec.outputs.some((output) => {
    switch (output.statistic) {
      case 'count':
      case 'count-units': return output.measure === id && (face === 'count' || of.kind === 'rows');
      case 'sum': return face === 'total' && output.terms.some((term) => term.measure === id);
      case 'avg': return (face === 'total' && output.terms.some((term) => term.measure === id)) || (output.count === id && (face === 'count' || of.kind === 'rows'));
      // Each tells something of every sum it is made of, and of how many rows there are.
      case 'moment': return [output.y, output.yy, output.x, output.xx, output.xy].includes(id);
      default: return assertNever(output);
    }
  });
}

/**
 * How wide the range of possible values of a failing cell must stay. A count below the minimum: as wide as the minimum, so
 * that it might be large enough. A total of too few units: as wide as the largest contribution. A dominated total: the upper
 * protection level of the rule (Hundepool et al. 2012, table 4.3).
 */
function widthOf({ occurrence: { gate, measure }, row }: Place, face: Face): bigint {
  const { rules, gate: { spec } } = gate.source;
  const decided = gate.rows[row] ?? missing();
  const evidence = decided.evidence[measure] ?? missing();
  const { enoughUnits } = decided.assessments[measure] ?? missing();
  if (face === 'count' || (isRows(spec, measure) && !enoughUnits)) return BigInt(Math.max(1, ...[...rules.units.values()].map(({ value }) => value)));
  const known = Object.values(evidence.concentration).flatMap((concentration) => ('largest' in concentration ? [concentration] : []));
  const largest = known.reduce((most, { largest: [x1 = 0n] }) => (x1 > most ? x1 : most), 0n);
  const net = evidence.sum < 0n ? -evidence.sum : evidence.sum;
  if (!enoughUnits) return largest > 0n ? largest : net > 0n ? net : 1n;
  return known.reduce((most, { absoluteTotal, largest: xs }) => rules.dominance.reduce((widest, { value }) => {
    const level = protectionLevel(value, absoluteTotal, xs);
    return level > widest ? level : widest;
  }, most), 1n);
}

function protectionLevel(rule: DominanceRule, total: bigint, xs: readonly bigint[]): bigint {
  const [x1 = 0n, x2 = 0n] = xs;
  switch (rule.rule) {
    case 'p-percent': return ceilDivide(BigInt(rule.p) * x1, 100n) - (total - x1 - x2);
    case 'pq': return ceilDivide(BigInt(rule.p) * x1, BigInt(rule.q)) - (total - x1 - x2);
    case 'nk': return ceilDivide(100n * xs.slice(0, rule.n).reduce((sum, x) => sum + x, 0n), BigInt(rule.k)) - total;
    default: return assertNever(rule);
  }
}

const ceilDivide = (a: bigint, b: bigint) => (a + b - 1n) / b;

/** A hidden count takes the total of the same values with it. What has left, or has no name, stays as it is. */
function hide(place: Place, face: Face): void {
  const { occurrence: { gate, measure }, row } = place;
  const measures = gate.withheld[row];
  const before = withheldAt(place);
  if (measures === undefined || gate.fixed || row >= gate.named || before[face]) return;
  measures[measure] = {
    count: before.count || face === 'count' || isRows(gate.source.gate.spec, measure),
    total: true,
    because: gate.source.rules.secondary.clause,
  };
}

function isRows(spec: GateSpec, measure: number): boolean {
  return spec.measures[measure]?.of.kind === 'rows';
}

function missing(): never {
  throw new Error('a cell lacks a measure of its gate');
}
