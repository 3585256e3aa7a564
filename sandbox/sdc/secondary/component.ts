/**
 * Problems fall apart: what is fixed never moves, so cells that only fixed ones tie together have nothing to do with each other. Each
 * part is a problem of its own, with fixed cells left out of its equations.
 */
import type { Equation, Problem } from './problem.ts';

export interface Component {
  readonly problem: Problem;
  /** By cell of the part, its number in the whole. */
  readonly cells: readonly number[];
}

/** Parts with a cell that needs protection and a cell that could give it. In the order of their first cells. */
export function componentsOf({ cells, equations }: Problem): readonly Component[] {
  const parent = Int32Array.from(cells, (_, i) => i);
  const root = (cell: number): number => {
    let at = cell;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      parent[at] = parent[up] ?? up;
      at = up;
    }
    return at;
  };
  const loose = equations.map((equation) => equation.filter(([cell]) => cells[cell]?.state !== 'fixed'));
  for (const equation of loose) for (const [cell] of equation) parent[root(cell)] = root(equation[0]?.[0] ?? cell);

  const members = new Map<number, number[]>();
  const ofEquation = Map.groupBy(loose.filter((equation) => equation.length > 0), (equation) => root(equation[0]?.[0] ?? 0));
  cells.forEach(({ state }, i) => {
    if (state === 'fixed' || !ofEquation.has(root(i))) return;
    const list = members.get(root(i));
    if (list === undefined) members.set(root(i), [i]);
    else list.push(i);
  });
  return [...members].flatMap(([of, list]): Component[] => {
    const matters = list.some((i) => (cells[i]?.width ?? 0n) > 0n) && list.some((i) => cells[i]?.state === 'open');
    if (!matters) return [];
    const number = new Map(list.map((cell, i) => [cell, i]));
    const own = (ofEquation.get(of) ?? []).map((equation): Equation => equation.map(([cell, coefficient]) => [number.get(cell) ?? 0, coefficient]));
    return [{ cells: list, problem: { cells: list.flatMap((i) => cells[i] ?? []), equations: own } }];
  });
}
