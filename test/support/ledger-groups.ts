/** Sessions of many groups, as the ledger sees them at a glance: each group is two classes, 30 units and 3 more. */
import { AtOnce, KnownTable, type Known } from '#sandbox/ledger/at-once.ts';
import type { Coefficients } from '#sandbox/ledger/combinations.ts';
import { Cuts } from '#sandbox/ledger/cuts.ts';
import { Parts } from '#sandbox/ledger/parts.ts';

const MIN = 10;
/** A whole group, or all of it but a few units: classes 2g + 1 and 2g + 2 have the rest and the few. */
const UNITS = (cls: number): number => (cls % 2 === 1 ? 30 : 3);

const rowOf = (...classes: readonly number[]): Coefficients => ({ classes: Int32Array.from(classes), rows: new Int32Array(classes.length).fill(1) });
const whole = (group: number): Coefficients => rowOf(2 * group + 1, 2 * group + 2);
const most = (group: number): Coefficients => rowOf(2 * group + 1);
const known = (row: Coefficients, id: number): Known => ({ row, terms: [{ id, factor: 1 }] });
const all = (count: number, row: (i: number) => Coefficients): readonly Coefficients[] => Array.from({ length: count }, (_, i) => row(i));
/** Ten groups each. */
const margin = (i: number): Coefficients => rowOf(...Array.from({ length: 10 }, (_, k) => [20 * i + 2 * k + 1, 20 * i + 2 * k + 2]).flat());

interface Session {
  /** Cells of earlier tables, and those of the job. */
  readonly tables: readonly (readonly Coefficients[])[];
  readonly own: readonly Coefficients[];
  /** How many of its cells follow. */
  readonly follow: number;
}

/** @param groups a multiple of ten */
export const LEDGER_SESSIONS: Readonly<Record<string, (groups: number) => Session>> = {
  'groups of which nearly all is known': (groups) => ({ tables: [all(groups, whole)], own: all(groups, most), follow: groups }),
  'groups beside their margins': (groups) => ({ tables: [all(groups / 10, margin)], own: all(groups, whole), follow: groups / 10 }),
  'groups that many tables tell of': (groups) => ({ tables: Array.from({ length: 8 }, (_, t) => all(groups, t % 2 === 0 ? whole : most)), own: all(groups, most), follow: groups }),
  'groups of which nothing follows': (groups) => ({ tables: [[rowOf(...Array.from({ length: 2 * groups }, (_, i) => i + 1))]], own: all(groups - 1, whole), follow: 0 }),
};

/** @returns how many cells were found to follow */
export function glanceOver({ tables, own }: Session, units: Float64Array): number {
  let id = 0;
  const before = tables.map((cells) => new KnownTable(cells.map((row) => known(row, id++)), units));
  const parts = new Parts(units.length);
  for (const cells of tables) parts.add(cells);
  const cuts = new Cuts(parts.of, parts.factors, own, units);
  const glance = new AtOnce(own, units, MIN);
  let found = 0;
  for (const [i, row] of own.entries()) {
    if (cuts.side(i, MIN) !== null && glance.follows(i + 1, before) !== null) {
      found++;
      continue;
    }
    glance.add(i + 1, known(row, id++));
    cuts.add(i);
  }
  return found;
}

export const unitsOf = (groups: number): Float64Array => Float64Array.from({ length: 2 * groups + 1 }, (_, cls) => UNITS(cls));
