/**
 * The cells of a gate, and where something sensitive is asked for, the groups that they are part of: the first answer; where declared
 * bounds do not prove enough of a cell, witnesses; where these do not either, units counted; windows settled.
 */
import type { ResultColumn, Value } from '#contract/table.ts';
import type { EngineValue } from '../engine/value.ts';
import type { Cell, ClassCell, GateCells, Units } from '../release/cells.ts';
import { keyOf } from '../release/complete.ts';
import type { GatePlan, WitnessPlan } from './compile.ts';
import type { SomeGroups } from './plan/some-groups.ts';

/** An engine that holds the raw rows. */
export interface RawRows {
  /** Throws where the engine fails. */
  readonly query: (sql: string) => Promise<readonly (readonly EngineValue[])[]>;
  /** The same while another query runs; sees no temporary table. */
  readonly aside: (sql: string) => Promise<readonly (readonly EngineValue[])[]>;
  /** Makes a temporary table. */
  readonly load: (table: string, columns: readonly ResultColumn[], rows: readonly (readonly Value[])[]) => Promise<void>;
  readonly drop: (table: string) => Promise<void>;
}

/** Rows in unproved cells from which counting their units takes longer than asking witnesses first. */
const MANY_ROWS = 200_000n;

type Found = Pick<GateCells, 'cells' | 'classes'>;
type Classes = NonNullable<GatePlan['classes']>;

/** @param manyRows in unproved cells, from which witnesses are asked */
export async function cellsOf(gate: GatePlan, rows: RawRows, manyRows: bigint = MANY_ROWS): Promise<Found> {
  const { counting, classes, windows } = gate;
  const hasEarly = classes?.kind === 'asked' && windows === null && gate.uses.length === 0;
  // A slice is read by one thread, and the plan knows that it will be asked.
  const [answer, early] = await together(rows.query(gate.sql), hasEarly ? testimonies(gate.witnesses, rows.aside) : Promise.resolve(null));
  const first = answer.map(gate.decode);
  if (windows !== null) return { cells: windows.settle(first), ...(classes?.kind === 'asked' ? { classes: await someClasses(classes, null, rows) } : {}) };
  const isOpen = (cell: Cell): boolean => counting !== null && !counting.proved(cell);
  const asks = classes?.kind === 'asked' || rowsIn(first.filter(isOpen)) >= manyRows;
  const witnesses = early ?? (asks ? await testimonies(gate.witnesses, rows.query) : []);
  const cells = first.map((cell) => withWitnesses(cell, witnesses));
  const groups = classes?.kind === 'asked' ? groupsToCount(gate, classes, cells, witnesses) : new Map<string, readonly Value[]>();
  const isInGroup = (cell: Cell): boolean => classes?.kind === 'asked' && groups.has(keyOf(classes.groupOf(cell)));
  const counted = await withUnits(gate, cells, (cell) => isOpen(cell) || isInGroup(cell), rows);
  return { cells: counted, ...(classes === null ? {} : { classes: classes.kind === 'of-cells' ? classes.add(counted) : groups.size === 0 ? [] : await someClasses(classes, [...groups.values()], rows) }) };
}

const rowsIn = (cells: readonly Cell[]): bigint => cells.reduce((sum, { evidence: [first] }) => sum + (first?.count ?? 0n), 0n);

/** What the units of a slice say, of one kind. */
interface Testimony {
  readonly of: WitnessPlan;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly groups: ReadonlyMap<string, ClassCell>;
}

/** Both; where one fails, not before the other has ended. */
async function together<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

async function testimonies(plans: readonly WitnessPlan[], query: RawRows['query']): Promise<readonly Testimony[]> {
  const heard: Testimony[] = [];
  for (const of of plans) {
    const cells = (await query(of.cells.sql)).map(of.cells.decode);
    const groups = of.classes === null ? [] : (await query(of.classes.sql)).map(of.classes.decode);
    heard.push({ of, cells: byKeys(cells), groups: byKeys(groups) });
  }
  return heard;
}

const byKeys = <T extends { readonly keys: readonly Value[] }>(rows: readonly T[]): ReadonlyMap<string, T> => new Map(rows.map((row) => [keyOf(row.keys), row]));

function withWitnesses(cell: Cell, testimonies: readonly Testimony[]): Cell {
  if (testimonies.length === 0) return cell;
  const key = keyOf(cell.keys);
  const raised = (measure: number, [kind, known]: [string, Units]): [string, Units] => {
    if ('exact' in known) return [kind, known];
    const witnesses = testimonies.reduce((most, { of, cells }) => (of.kind === kind ? inSlice(cells.get(key)?.evidence[measure]?.units[kind]) : most), 0n);
    return [kind, { atLeast: witnesses > known.atLeast ? witnesses : known.atLeast }];
  };
  return { ...cell, evidence: cell.evidence.map((own, i) => ({ ...own, units: Object.fromEntries(Object.entries(own.units).map((entry) => raised(i, entry))) })) };
}

const inSlice = (units: Units | undefined): bigint => (units === undefined ? 0n : 'exact' in units ? units.exact : units.atLeast);

/** Groups of a cell outside of which witnesses are not enough, by their keys: how many units these have needs to be known. */
function groupsToCount({ spec }: GatePlan, { groupOf }: Extract<Classes, { kind: 'asked' }>, cells: readonly Cell[], testimonies: readonly Testimony[]): ReadonlyMap<string, readonly Value[]> {
  const places = new Map(spec.measures.map(({ id }, i) => [id, i]));
  const pairs = [...new Map(spec.measures.flatMap((measure) => (measure.class === undefined ? [] : [[`${measure.class.part} ${measure.class.whole}`, measure.class]]))).values()];
  const groups = new Map<string, readonly Value[]>();
  for (const cell of cells) {
    const keys = groupOf(cell);
    const group = keyOf(keys);
    const isProved = ({ of: { kind, minimum }, cells: inCells, groups: inGroups }: Testimony): boolean => minimum === 0 || pairs.every(({ part, whole }) => {
      const inside = inSlice(inCells.get(keyOf(cell.keys))?.evidence[places.get(part) ?? -1]?.units[kind]);
      return inSlice(inGroups.get(group)?.units[whole]?.[kind]) - inside >= BigInt(minimum);
    });
    if (!groups.has(group) && !(testimonies.length === spec.kinds.length && testimonies.every(isProved))) groups.set(group, keys);
  }
  return groups;
}

/** @param groups null: all of them */
async function someClasses(classes: Extract<Classes, { kind: 'asked' }>, groups: readonly (readonly Value[])[] | null, rows: RawRows): Promise<readonly ClassCell[]> {
  return (await aboutGroups(classes.groups, classes.sql, groups ?? [], rows)).map(classes.decode);
}

async function withUnits({ counting }: GatePlan, cells: readonly Cell[], asks: (cell: Cell) => boolean, rows: RawRows): Promise<readonly Cell[]> {
  if (counting === null) return cells;
  const asked = cells.flatMap((cell, i) => (asks(cell) ? [i] : []));
  if (asked.length === 0) return cells;
  const { groups, counted } = counting;
  const answer = await aboutGroups(groups, counting.sql, asked.map((i) => cells[i]?.keys ?? []), rows);
  const known = new Map(answer.map((row) => [groups === null ? 0 : asked[Number(row[0])], row]));
  const isAsked = new Set(asked);
  return cells.map((cell, i) => {
    if (!isAsked.has(i)) return cell;
    const row = known.get(i);
    if (row === undefined) throw new Error('a group that was there is not found again');
    return counted(row, cell);
  });
}

/** Asks about the groups with these keys, which are numbered as they come. */
async function aboutGroups(groups: SomeGroups | null, sql: string, keys: readonly (readonly Value[])[], rows: RawRows): Promise<readonly (readonly EngineValue[])[]> {
  if (groups === null) return rows.query(sql);
  await rows.load(groups.table, groups.columns, keys.map((key, i) => [i, ...key]));
  const answer = await rows.query(sql);
  await rows.drop(groups.table);
  return answer;
}
