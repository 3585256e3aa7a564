/** Withholds cells that tell a sensitive attribute of everybody in their group (`sdc/class-disclosure.ts`). */
import { classIsSafe, classMargin } from '#sandbox/sdc/class-disclosure.ts';
import type { ClassCell, Units } from './cells.ts';
import { check, type Check } from './check.ts';
import { keyOf } from './complete.ts';
import type { DecidedGate, DecidedRow, Withheld } from './decide.ts';

/** Where empty cells are published an absence is nobody's secret; under noise no number says "all". */
export function withholdClasses(decided: DecidedGate): DecidedGate {
  const { gate: { spec }, rules } = decided;
  const groupOf = groupsOf(decided);
  if (groupOf === null) return decided;
  const withhold = (row: DecidedRow): DecidedRow => {
    const group = groupOf(row);
    if (group === undefined) return row;
    const unsafe = spec.measures.map((_, i) => !checksOf(decided, row, i, group).every(({ passes }) => passes));
    if (!unsafe.includes(true)) return row;
    return { ...row, withheld: row.withheld.map((own, i): Withheld => (unsafe[i] === true && !own.count ? { count: true, total: true, because: rules.zeros.clause, primary: true } : own)) };
  };
  const rows = decided.rows.map((row) => ({ before: row, after: withhold(row) }));
  // A row of another key that is all its group has would be told by its name alone.
  const { named = [], absent = [] } = Object.groupBy(rows, ({ before, after }) => (after === before || after.public || after.withheld.some(({ count }) => !count) ? 'named' : 'absent'));
  const after = (of: typeof rows): readonly DecidedRow[] => of.map((row) => row.after);
  return { ...decided, rows: after(named), dropped: [...decided.dropped, ...after(absent)] };
}

/** For the reviewer: how many of the row's group are outside of what each measure tells, by place among the gate's measures. */
export function classChecks(decided: DecidedGate): (row: DecidedRow) => ReadonlyMap<number, readonly Check[]> {
  const groupOf = groupsOf(decided);
  return (row) => {
    const group = groupOf?.(row);
    return new Map(group === undefined ? [] : decided.gate.spec.measures.map((_, i) => [i, checksOf(decided, row, i, group)]));
  };
}

/** The group of a row whatever its sensitive categories; null where nothing of classes is asked. */
function groupsOf({ gate: { spec, classes }, rules, noise }: DecidedGate): ((row: DecidedRow) => ClassCell | undefined) | null {
  if (classes === undefined || noise !== null || rules.zeros.value !== 'disclosive') return null;
  const keys = spec.windows === undefined ? spec.keys : spec.keys.slice(0, -1);
  const plain = keys.flatMap(({ sensitive }, i) => (sensitive === true ? [] : [i]));
  const groups = new Map(classes.map((cell) => [keyOf(cell.keys), cell]));
  return (row) => groups.get(keyOf(plain.map((i) => row.keys[i] ?? null)));
}

function checksOf({ gate: { spec }, rules }: DecidedGate, row: DecidedRow, measure: number, group: ClassCell): readonly Check[] {
  const inClass = spec.measures[measure]?.class;
  if (inClass === undefined) return [];
  // A window holds some of a group, and tells of all that it has a place in.
  const units = (row.window?.group ?? row.evidence)[spec.measures.findIndex(({ id }) => id === inClass.part)]?.units;
  return [...rules.units].filter(([, { value }]) => value > 0).map(([kind, { value }]) => {
    const [whole, part] = [exact(group.units[inClass.whole]?.[kind]), exact(units?.[kind])];
    return check('class-disclosure', kind, rules.zeros.clause, classIsSafe(whole, part, value), () => classMargin(whole, part, value));
  });
}

function exact(units: Units | undefined): bigint {
  if (units === undefined || !('exact' in units)) throw new Error('the units of a class are counted');
  return units.exact;
}
