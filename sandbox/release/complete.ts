/**
 * Which rows a gate's table has before any rule is applied. Public keys all come back, whether a cell exists or not, so
 * that nobody can tell an empty cell from a small one. Where every cell comes out as it is there is nothing to hide, and only
 * the cells that exist come back.
 */
import type { Value } from '#contract/table.ts';
import type { Cell, Evidence, GateCells, GateSpec } from './cells.ts';

export interface CandidateRow extends Cell {
  /** Comes back whatever its cell holds. A row of any other key has to earn its place. */
  readonly public: boolean;
}

export function complete(gate: GateCells, completes: boolean): readonly CandidateRow[] {
  const universe = universeOf(gate);
  if (universe === null || (!completes && gate.spec.keys.length > 0)) {
    return gate.cells.map((cell) => ({ ...cell, public: false }));
  }
  const cells = new Map<string, Cell>();
  for (const cell of gate.cells) {
    const key = keyOf(cell.keys);
    if (cells.has(key)) throw new Error('two cells of one gate have the same keys');
    cells.set(key, cell);
  }
  const rows = new Map<string, CandidateRow>();
  const nothing = gate.spec.measures.map(() => noContributors(gate.spec));
  for (const keys of universe) {
    const key = keyOf(keys);
    rows.set(key, { ...(cells.get(key) ?? { evidence: nothing }), keys, public: true });
  }
  for (const [key, cell] of cells) if (!rows.has(key)) rows.set(key, { ...cell, public: false });
  return [...rows.values()];
}

/** Combinations of public keys that all come back; an aggregate without GROUP BY has the one empty combination. */
export function universeOf(gate: GateCells): readonly (readonly Value[])[] | null {
  return gate.spec.keys.length === 0 ? [[]] : gate.universe;
}

export function noContributors(spec: GateSpec): Evidence {
  return {
    count: 0n,
    sum: 0n,
    units: Object.fromEntries(spec.kinds.map((kind) => [kind, { exact: 0n }])),
    concentration: Object.fromEntries(spec.kinds.map((kind) => [kind, { absoluteTotal: 0n, largest: [] }])),
    cellKey: Object.fromEntries(spec.kinds.map((kind) => [kind, 0])),
  };
}

export function keyOf(keys: readonly Value[]): string {
  return JSON.stringify(keys);
}
