/** Asks the scratch engine where a gate's cells lie: questions about declared values, public tables and released ones, answered without data. */
import { createHash } from 'node:crypto';
import type { ScratchSession } from '../engine/scratch-engine.ts';
import { keyOf } from '../release/complete.ts';
import { boxesOf, type Axis } from '../release/boxes.ts';
import type { AtomSet, GatePlace, KeyPlace, MeasurePlace, Parts, Slice } from '../release/place.ts';
import type { PlacePlan } from '../sql/compile.ts';

type Rows = readonly (readonly unknown[])[];

/** @param scratch has the released tables that the gate reads */
export async function readPlace({ base, roots, joints, keys, measures, certain, tables }: PlacePlan, scratch: ScratchSession): Promise<GatePlace> {
  const slices: Slice[] = [];
  const parts: Parts[] = [];
  const known: KeyPlace[] = keys.map(({ root, bare }) => ({ root, known: new Map(), bare }));
  const conditions: { readonly slices: Slice[]; readonly parts: Parts[] }[] = measures.map(() => ({ slices: [], parts: [] }));
  for (const each of roots) {
    if (each.sql === null) continue;
    const rows = await answered(each.sql, each, [each], scratch);
    const setOf = (holds: (row: Rows[number]) => boolean): AtomSet => {
      const others = each.others && rows[each.atoms.length] !== undefined && holds(rows[each.atoms.length] ?? []);
      return { negated: others, atoms: each.atoms.filter((_, i) => holds(rows[i] ?? []) !== others) };
    };
    let column = 1;
    if (each.filtered) {
      const at = column++;
      slices.push({ root: each.root, inside: setOf((row) => row[at] === true) });
    }
    for (const key of each.keys) {
      const at = column++;
      known[key] = { root: each.root, known: new Map([...valuesIn(rows, at)].map(([text, value]) => [text, setOf((row) => (row[at] ?? null) === value)])), bare: false };
    }
    for (const measure of each.conditions) {
      const at = column++;
      conditions[measure]?.slices.push({ root: each.root, inside: setOf((row) => row[at] === true) });
    }
  }
  for (const each of joints) {
    const rows = await answered(each.sql, each, each.roots, scratch);
    const axes = each.roots.map(({ root, atoms, others }): Axis => ({ root, atoms, others }));
    const where = (holds: (row: Rows[number]) => boolean): Parts => boxesOf(axes, rows.map(holds));
    const restrict = (to: { readonly slices: Slice[]; readonly parts: Parts[] }, holds: (row: Rows[number]) => boolean): void => {
      const [only, ...others] = where(holds);
      if (only !== undefined && others.length === 0) to.slices.push(...only);
      else to.parts.push(only === undefined ? [] : [only, ...others]);
    };
    let column = each.roots.length;
    if (each.filtered) {
      const at = column++;
      restrict({ slices, parts }, (row) => row[at] === true);
    }
    for (const key of each.keys) {
      const at = column++;
      known[key] = { root: keys[key]?.root ?? '', known: new Map(), bare: false, parts: new Map([...valuesIn(rows, at)].map(([text, value]) => [text, where((row) => (row[at] ?? null) === value)])) };
    }
    for (const measure of each.conditions) {
      const at = column++;
      const own = conditions[measure];
      if (own !== undefined) restrict(own, (row) => row[at] === true);
    }
  }
  const closed = new Map([...roots, ...joints.flatMap((joint) => joint.roots)].filter(({ others }) => !others).map(({ root, atoms }) => [root, atoms]));
  const filters = followed(parts);
  const conditioned = conditions.map((own) => ({ slices: own.slices, ...followed(own.parts) }));
  const keyed = known.map((key) => (key.parts === undefined || [...key.parts.values()].every((each) => each.length <= MOST_BOXES) ? key : { root: key.root, known: new Map(), bare: true }));
  const isVague = !certain || filters.texts.length > 0 || conditioned.some(({ texts }) => texts.length > 0) || keyed.some((key, k) => key !== known[k]);
  return {
    base: [base, ...filters.texts].join(' among '), slices, keys: keyed, closed, ...(isVague ? { vague: tables } : {}), ...(filters.parts.length === 0 ? {} : { parts: filters.parts }),
    measures: measures.map(({ rest, present }, i): MeasurePlace => {
      const { slices: own = [], parts: lists = [], texts = [] } = conditioned[i] ?? {};
      return { rest: [...rest, ...texts], present, slices: own, ...(lists.length === 0 ? {} : { parts: lists }) };
    }),
  };
}

/** Those of too many boxes stay a text. */
function followed(lists: readonly Parts[]): { readonly parts: readonly Parts[]; readonly texts: readonly string[] } {
  const [few, many] = [true, false].map((isFew) => lists.filter((list) => list.length <= MOST_BOXES === isFew));
  return { parts: few ?? [], texts: (many ?? []).map((list) => createHash('sha256').update(JSON.stringify(list)).digest('hex')).sort() };
}

/** Of one condition, or one value of a key. */
const MOST_BOXES = 64;

/** In the order of the numbers that they begin with, one for each dimension. */
async function answered(sql: string, asked: PlacePlan['joints'][number] | PlacePlan['roots'][number], roots: readonly { readonly atoms: readonly string[]; readonly others: boolean }[], scratch: ScratchSession): Promise<Rows> {
  const rows = roots.reduce((product, { atoms, others }) => product * (atoms.length + (others ? 1 : 0)), 1);
  const width = roots.length + (asked.filtered ? 1 : 0) + asked.keys.length + asked.conditions.length;
  // What released tables say is true of this job only.
  const read = await (asked.ofGates ? scratch.query(sql, (rows + 1) * width) : scratch.fact(sql, (rows + 1) * width));
  if (!read.ok) throw new Error(read.error.code);
  if (read.value.rows.length !== rows) throw new Error('a question about values has one answer for each');
  return read.value.rows.toSorted((a, b) => roots.reduce((sign, _, i) => sign || Number(a[i]) - Number(b[i]), 0));
}

const valuesIn = (rows: Rows, at: number): ReadonlyMap<string, unknown> => new Map(rows.map((row) => [keyOf([row[at] as never ?? null]), row[at] ?? null]));

/** The place as far as it is known without asking anything: what refusals by plan go by. */
export function unaskedPlace({ base, keys, measures, roots, certain, tables }: PlacePlan): GatePlace {
  const rootOf = (key: number): string | undefined => roots.find((root) => root.keys.includes(key))?.root;
  return {
    base, slices: [], closed: new Map(), keys: keys.map(({ root, bare }, i) => ({ root: rootOf(i) ?? root, known: new Map(), bare })), ...(certain ? {} : { vague: tables }),
    measures: measures.map(({ rest, present }) => ({ rest, present, slices: [] })),
  };
}
