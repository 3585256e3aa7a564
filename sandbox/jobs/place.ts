/** Asks the scratch engine where a gate's cells lie: questions about declared values only, answered without data. */
import type { ScratchSession } from '../engine/scratch-engine.ts';
import { keyOf } from '../release/complete.ts';
import type { AtomSet, GatePlace, KeyPlace, Slice } from '../release/place.ts';
import type { PlacePlan } from '../sql/compile.ts';

export async function readPlace({ base, roots, keys, measures }: PlacePlan, scratch: ScratchSession): Promise<GatePlace> {
  const slices: Slice[] = [];
  const known: KeyPlace[] = keys.map(({ root, bare }) => ({ root, known: new Map(), bare }));
  const conditions: Slice[][] = measures.map(() => []);
  for (const each of roots) {
    if (each.sql === null) continue;
    const asked = (each.filtered ? 1 : 0) + each.keys.length + each.conditions.length;
    const read = await scratch.fact(each.sql, (each.atoms.length + 1) * (1 + asked));
    if (!read.ok) throw new Error(read.error.code);
    const rows = read.value.rows.toSorted((a, b) => Number(a[0]) - Number(b[0]));
    /** Rows for which a column holds, as atoms; the row after the last atom stands for all others. */
    const setOf = (holds: (row: (typeof rows)[number]) => boolean): AtomSet => {
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
      const values = new Map(rows.map((row) => [keyOf([row[at] ?? null]), row[at] ?? null]));
      known[key] = { root: each.root, known: new Map([...values].map(([text, value]) => [text, setOf((row) => (row[at] ?? null) === value)])), bare: false };
    }
    for (const measure of each.conditions) {
      const at = column++;
      conditions[measure]?.push({ root: each.root, inside: setOf((row) => row[at] === true) });
    }
  }
  return {
    base, slices, keys: known,
    closed: new Map(roots.filter(({ others }) => !others).map(({ root, atoms }) => [root, atoms])),
    measures: measures.map(({ rest, present }, i) => ({ rest, present, slices: conditions[i] ?? [] })),
  };
}

/** The place as far as it is known without asking anything: what refusals by plan go by. */
export function unaskedPlace({ base, keys, measures, roots }: PlacePlan): GatePlace {
  const rootOf = (key: number): string | undefined => roots.find((root) => root.keys.includes(key))?.root;
  return {
    base, slices: [], closed: new Map(), keys: keys.map(({ root, bare }, i) => ({ root: rootOf(i) ?? root, known: new Map(), bare })),
    measures: measures.map(({ rest, present }) => ({ rest, present, slices: [] })),
  };
}
