/**
 * Problems fall apart: what is fixed never moves, so cells that only fixed ones tie together have nothing to do with each other. What
 * follows from fixed cells alone is as good as fixed. Each part is a problem of its own, with fixed cells left out of its equations.
 */
import type { AskedCell, AskedProblem, Equation } from './problem.ts';

export interface Component {
  readonly problem: AskedProblem;
  /** By equation of the part: what its cells add up to. */
  readonly sums: readonly bigint[];
  /** By cell of the part, its number in the whole. */
  readonly cells: readonly number[];
}

/** Parts with a cell that needs protection and a cell that could give it. In the order of their first cells. */
export function componentsOf({ cells, equations }: AskedProblem): readonly Component[] {
  const settled = settledCells(cells, equations);
  const parent = Int32Array.from(cells, (_, i) => i);
  const root = (cell: number): number => {
    let at = cell;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      parent[at] = parent[up] ?? up;
      at = up;
    }
    return at;
  };
  const loose = equations.flatMap((equation) => {
    const terms = equation.filter(([cell]) => !settled.has(cell));
    return terms.length === 0 ? [] : [{ terms, sum: equation.reduce((sum, [cell, coefficient]) => sum - BigInt(coefficient) * (settled.get(cell) ?? 0n), 0n) }];
  });
  for (const { terms } of loose) for (const [cell] of terms) parent[root(cell)] = root(terms[0]?.[0] ?? cell);

  const members = new Map<number, number[]>();
  const ofEquation = Map.groupBy(loose, ({ terms }) => root(terms[0]?.[0] ?? 0));
  cells.forEach((_, i) => {
    if (settled.has(i) || !ofEquation.has(root(i))) return;
    const list = members.get(root(i));
    if (list === undefined) members.set(root(i), [i]);
    else list.push(i);
  });
  return [...members].flatMap(([of, list]): Component[] => {
    const matters = list.some((i) => (cells[i]?.width ?? 0n) > 0n) && list.some((i) => cells[i]?.state === 'open');
    if (!matters) return [];
    const number = new Map(list.map((cell, i) => [cell, i]));
    const own = ofEquation.get(of) ?? [];
    const equationsOfPart = own.map(({ terms }): Equation => terms.map(([cell, coefficient]) => [number.get(cell) ?? 0, coefficient]));
    return [{ cells: list, sums: own.map(({ sum }) => sum), problem: { cells: list.flatMap((i) => cells[i] ?? []), equations: equationsOfPart } }];
  });
}

/** Fixed cells and those that, one after the other, an equation with nothing else in it tells; with their values. */
function settledCells(cells: readonly AskedCell[], equations: readonly Equation[]): ReadonlyMap<number, bigint> {
  const settled = new Map(cells.flatMap(({ state, value }, i): [number, bigint][] => (state === 'fixed' && value !== null ? [[i, value]] : [])));
  const uses: number[][] = cells.map(() => []);
  const open = equations.map((equation, e) => equation.filter(([cell]) => {
    uses[cell]?.push(e);
    return !settled.has(cell);
  }).length);
  const queue = open.flatMap((count, e) => (count === 1 ? [e] : []));
  for (let e = queue.pop(); e !== undefined; e = queue.pop()) {
    const equation = equations[e] ?? [];
    const last = equation.find(([cell]) => !settled.has(cell));
    if (last === undefined) continue;
    const [cell, coefficient] = last;
    const told = equation.reduce((sum, [other, sign]) => (other === cell ? sum : sum - BigInt(sign) * (settled.get(other) ?? 0n)), 0n) * BigInt(coefficient);
    settled.set(cell, cells[cell]?.value ?? told);
    for (const use of uses[cell] ?? []) {
      open[use] = (open[use] ?? 0) - 1;
      if (open[use] === 1) queue.push(use);
    }
  }
  return settled;
}
