/** Withholds cells that tell a sensitive attribute of everybody in their group (`sdc/class-disclosure.ts`). */
import { classIsSafe } from '#sandbox/sdc/class-disclosure.ts';
import type { ClassCell, Units } from './cells.ts';
import { keyOf } from './complete.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';

/** Where empty cells are published an absence is nobody's secret; under noise no number says "all". */
export function withholdClasses(decided: DecidedGate): DecidedGate {
  const { gate: { spec, classes }, rules, noise } = decided;
  if (classes === undefined || noise !== null || rules.zeros.value !== 'disclosive') return decided;
  const keys = spec.windows === undefined ? spec.keys : spec.keys.slice(0, -1);
  const plain = keys.flatMap(({ sensitive }, i) => (sensitive === true ? [] : [i]));
  const groups = new Map(classes.map((cell) => [keyOf(cell.keys), cell]));
  const withhold = (row: DecidedRow): DecidedRow => {
    const group = groups.get(keyOf(plain.map((i) => row.keys[i] ?? null)));
    if (group === undefined) return row;
    const unsafe = spec.measures.map((_, i) => !isSafe(decided, row, i, group));
    if (!unsafe.includes(true)) return row;
    return { ...row, withheld: row.withheld.map((own, i): Withheld => (unsafe[i] === true && !own.count ? { count: true, total: true, because: rules.zeros.clause, primary: true } : own)) };
  };
  const rows = decided.rows.map((row) => ({ before: row, after: withhold(row) }));
  // A row of another key that is all its group has would be told by its name alone.
  const { named = [], absent = [] } = Object.groupBy(rows, ({ before, after }) => (after === before || after.public || after.withheld.some(({ count }) => !count) ? 'named' : 'absent'));
  const after = (of: typeof rows): readonly DecidedRow[] => of.map((row) => row.after);
  return { ...decided, rows: after(named), dropped: [...decided.dropped, ...after(absent)] };
}

function isSafe({ gate: { spec }, rules }: DecidedGate, row: DecidedRow, measure: number, group: ClassCell): boolean {
  const inClass = spec.measures[measure]?.class;
  if (inClass === undefined) return true;
  // A window holds some of a group, and tells of all that it has a place in.
  const part = (row.window?.group ?? row.evidence)[spec.measures.findIndex(({ id }) => id === inClass.part)]?.units;
  return [...rules.units].every(([kind, { value }]) => value === 0 || classIsSafe(exact(group.units[inClass.whole]?.[kind]), exact(part?.[kind]), value));
}

function exact(units: Units | undefined): bigint {
  if (units === undefined || !('exact' in units)) throw new Error('the units of a class are counted');
  return units.exact;
}
