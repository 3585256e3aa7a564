/**
 * Controlled rounding over the tables of a job: a margin is the sum of its rounded cells, so that the tables add up and a margin
 * tells nothing that its cells do not. Where a cell of the margin is withheld or does not exist for the operator, the
 * sum would be incomplete or telling: that margin is rounded on its own.
 */
import type { GateCells } from './cells.ts';
import type { DecidedGate, Withheld } from './decide.ts';
import { identityOf, Levels, meeting } from './links.ts';
import type { Merge } from './links.ts';
import type { Published, PublishedGate, PublishedRow } from './publish.ts';

export function addUp(gates: readonly PublishedGate[]): readonly PublishedGate[] {
  const levels = new Levels(gates.flatMap(({ gate }) => gate.coarsenings ?? []));
  const done = new Map<PublishedGate, PublishedGate>();
  const settle = (gate: PublishedGate): PublishedGate => {
    const known = done.get(gate);
    if (known !== undefined) return known;
    const finer = isControlled(gate) ? finestBelow(gate, gates, levels) : null;
    const settled = finer === null ? gate : marginOf(gate, settle(finer.gate), finer.own, finer.merge);
    done.set(gate, settled);
    return settled;
  };
  return gates.map(settle);
}

interface Finer {
  readonly gate: PublishedGate;
  /** From a row of the margin, and from a row of the finer table, to the common group. */
  readonly own: Merge;
  readonly merge: Merge;
}

/** The most detailed table that this one is a margin of; the choice depends on the plan only. */
function finestBelow(margin: PublishedGate, gates: readonly PublishedGate[], levels: Levels): Finer | null {
  const finer = gates.filter(isControlled).flatMap((gate): readonly Finer[] => {
    if (gate === margin) return [];
    const met = meeting(margin.gate, gate.gate, levels);
    return met !== null && met.keepsFirst && !met.keepsSecond ? [{ gate, own: met.first, merge: met.second }] : [];
  });
  return finer.sort((a, b) => keyCount(b.gate.gate) - keyCount(a.gate.gate) || a.gate.gate.spec.id - b.gate.gate.spec.id)[0] ?? null;
}

const keyCount = (gate: GateCells) => gate.spec.keys.length;

const isControlled = ({ rules: { mechanism: { value } } }: DecidedGate) => value.kind === 'round' && value.method === 'controlled';

function marginOf(margin: PublishedGate, finer: PublishedGate, own: Merge, merge: Merge): PublishedGate {
  const groups = Map.groupBy(finer.rows, (row) => merge(row.keys));
  const incomplete = new Set(finer.dropped.map((row) => merge(row.keys)));
  const counterpart = margin.gate.spec.measures.map((measure) =>
    finer.gate.spec.measures.findIndex((other) => identityOf(other) === identityOf(measure)));
  return {
    ...margin,
    rows: margin.rows.map((row): PublishedRow => {
      const group = own(row.keys);
      const cells = groups.get(group) ?? [];
      if (incomplete.has(group)) return row;
      return { ...row, published: row.published.map((published, i) => summed(published, cells, counterpart[i] ?? -1)) };
    }),
  };
}

function summed(own: Published, cells: readonly PublishedRow[], measure: number): Published {
  const parts = cells.map(({ published, withheld }) => ({ published: published[measure], withheld: withheld[measure] }));
  const sumOf = (face: 'count' | 'total'): bigint => {
    let sum = 0n;
    for (const { published, withheld } of parts) {
      if (published === undefined || isHidden(withheld, face)) return own[face];
      sum += published[face];
    }
    return sum;
  };
  return { ...own, count: sumOf('count'), total: sumOf('total') };
}

function isHidden(withheld: Withheld | undefined, face: 'count' | 'total'): boolean {
  return withheld === undefined || withheld[face];
}
