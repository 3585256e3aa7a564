/**
 * The cheap way to know enough about units (`gate.md`, cost): rows are aggregated as they are, and declared bounds prove of most
 * groups that enough units are in them and that none dominates. No unit has more than m rows here, so n rows are at least n/m
 * units, and no unit's total is beyond m times the largest magnitude of a row. Where no bound is declared, witnesses prove that there are enough
 * (`witnesses.ts`). Units are counted only in the groups for which this does not suffice (`release/proved.ts`), by another query restricted to them.
 */
import { boundsProveDominance } from '#sandbox/sdc/dominance.ts';
import type { Degree } from '#sandbox/sdc/remainder.ts';
import type { Cell, Concentration, Evidence, GateSpec, Units } from '../../release/cells.ts';
import type { EffectiveRules } from '../../release/effective-rules.ts';
import { isProved } from '../../release/proved.ts';
import type { EngineValue } from '../../engine/value.ts';
import { unprovedTable } from '../gate-table.ts';
import type { Expr, Query } from '../query.ts';
import type { Gate } from '../split/gates.ts';
import type { Blocks } from './blocks.ts';
import { cellQuery, totalsQuery, type CellQuery, type Rows, type UnitNeed } from './cell-query.ts';
import { decoder, whole } from './decode.ts';
import type { PlannedMeasure } from './measures.ts';
import { ofSomeGroups, type SomeGroups } from './some-groups.ts';

/** How units are counted in the cells of which bounds do not prove enough. */
export interface Counting {
  readonly proved: (cell: Cell) => boolean;
  /** Null where there is one group whatever the data. */
  readonly groups: SomeGroups | null;
  /** One row of the answer, the number of the group first where there are several, into the cell that it is about. */
  readonly counted: (row: readonly EngineValue[], cell: Cell) => Cell;
}

export interface PlannedCounting extends Counting {
  readonly query: Query;
}

/** The first query, over rows as they are, and the second. */
export interface Certified {
  readonly query: Query;
  readonly decode: (row: readonly EngineValue[]) => Cell;
  readonly counting: PlannedCounting;
  /** Whether rows per unit are declared for each kind; where they are not, only witnesses can prove anything. */
  readonly bounded: boolean;
}

/** Where so many rows are needed to prove the minimum, hardly any group has them. */
const MOST_ROWS = 100_000;

/** Null where bounds can't take the place of counting, or nothing has to be counted. */
export function certify(blocks: Blocks, rows: Rows, keys: readonly Expr[], measures: readonly PlannedMeasure[], needs: readonly UnitNeed[], of: { readonly gate: Gate; readonly spec: GateSpec; readonly rules: EffectiveRules }): Certified | null {
  const { gate, spec, rules } = of;
  const bounds = certifyingBounds(gate, spec, needs, rules);
  if (bounds === null) return null;
  const totals = totalsQuery(rows, keys, measures, new Set(needs.flatMap(({ largest }) => [...largest.keys()])));
  const some = ofSomeGroups(blocks, rows, keys, spec.keys.map(({ type }) => type), unprovedTable(gate.id));
  const counting = some === null ? cellQuery(blocks, rows, [], measures, needs, false) : cellQuery(blocks, some.rows, [some.number], measures, needs, false);
  return {
    query: totals.query,
    decode: totalsDecoder(totals, spec, needs, rules, bounds),
    counting: {
      query: counting.query,
      proved: ({ evidence }) => isProved(spec, rules, evidence),
      groups: some?.groups ?? null,
      counted: countedDecoder(counting, spec, needs),
    },
    bounded: [...bounds.values()].every((m) => m !== null),
  };
}

/** By kind of unit, the rows that one unit can have at most; null where that is not declared, or too many to prove anything. */
function certifyingBounds(gate: Gate, { outputs }: GateSpec, needs: readonly UnitNeed[], rules: EffectiveRules): ReadonlyMap<string, bigint | null> | null {
  if (rules.mechanism.value.kind !== 'suppress') return null;
  if (!needs.some((need) => need.largest.size > 0 || (!need.oneRow && need.counts.size > 0))) return null;
  const bounds = new Map<string, bigint | null>();
  for (const need of needs) {
    const declared = gate.bounds.find(({ kind }) => kind === need.kind)?.rows ?? null;
    const isShown = !need.oneRow && outputs.some((output) => output.statistic === 'count-units' && output.unit === need.kind);
    const minimum = rules.units.get(need.kind)?.value ?? 0;
    const rows = declared === null || (declared > 1 && Math.max(1, minimum) * declared > MOST_ROWS) ? null : BigInt(declared);
    // How much the largest units have is proved by bounds only.
    if (need.nullable || isShown || (rows === null && need.largest.size > 0)) return null;
    bounds.set(need.kind, rows);
  }
  return bounds;
}

/** What bounds prove of a cell is evidence; a concentration that they do not prove is absent. */
function totalsDecoder({ slots }: CellQuery, spec: GateSpec, needs: readonly UnitNeed[], rules: EffectiveRules, bounds: ReadonlyMap<string, bigint | null>): (row: readonly EngineValue[]) => Cell {
  const decode = decoder(slots, spec, needs);
  const dominance = rules.dominance.map(({ value }) => value);
  const peaks = spec.measures.map(({ id }) => slots.findIndex((slot) => slot.kind === 'peak' && slot.measure === id));
  const proved = ({ count, sum }: Evidence, m: bigint, peak: bigint | null, degree: Degree | undefined): Concentration | null => {
    if (count === 0n) return { absoluteTotal: 0n, largest: [] };
    return peak !== null && dominance.length > 0 && boundsProveDominance(dominance, m * peak, sum, degree) ? { certified: true } : null;
  };
  return (row) => {
    const { keys, evidence } = decode(row);
    return { keys, evidence: evidence.map((own, i): Evidence => {
      const peak = spec.measures[i]?.of.kind === 'rows' ? 1n : whole(row[peaks[i] ?? -1] ?? null);
      const units = [...bounds].map(([kind, m]): [string, Units] => [kind, m === 1n || own.count === 0n ? { exact: own.count } : { atLeast: m === null ? 1n : (own.count + m - 1n) / m }]);
      const concentration = [...bounds].flatMap(([kind, m]): [string, Concentration][] => {
        const known = m === null ? null : proved(own, m, peak, spec.measures[i]?.degree);
        return known === null ? [] : [[kind, known]];
      });
      return { count: own.count, sum: own.sum, units: Object.fromEntries(units), concentration: Object.fromEntries(concentration) };
    }) };
  };
}

function countedDecoder({ slots }: CellQuery, spec: GateSpec, needs: readonly UnitNeed[]): Counting['counted'] {
  const decode = decoder(slots, spec, needs);
  return (row, cell) => {
    const counted = decode(row).evidence;
    return { keys: cell.keys, evidence: cell.evidence.map((own, i): Evidence => {
      const { units = {}, concentration = {} } = counted[i] ?? {};
      const exact = Object.entries(own.units).map(([kind, known]): [string, Units] => {
        const of = units[kind];
        return [kind, of !== undefined && 'exact' in of ? of : known];
      });
      return { count: own.count, sum: own.sum, units: Object.fromEntries(exact), concentration };
    }) };
  };
}
