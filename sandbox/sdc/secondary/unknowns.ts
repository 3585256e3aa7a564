/**
 * Values for numbers that nobody asked for but that tie others together: any that the data could have. From one such table every
 * other that the attacker must consider is reached by a witness, so it does not matter which.
 */
import type { Component } from './component.ts';
import type { LinearSolver } from './linear.ts';
import type { Problem, ProblemCell } from './problem.ts';

/** Corners of the solutions that are tried before whole numbers are asked for: most are whole. */
const CORNERS = 4;
/** More than programs of a few seconds have. */
const MOST = 2_000;

/** Whole numbers that keep every equation exactly; null where none were found, or there are too many to be sought. */
export function withUnknowns(component: Component, solver: LinearSolver | null): Problem | null {
  const { problem: { cells, equations }, sums } = component;
  const unknown = cells.flatMap(({ value }, i) => (value === null ? [i] : []));
  const filled = (values: readonly (bigint | null)[]): Problem | null => {
    const all = cells.map((cell, i): ProblemCell => ({ ...cell, value: values[i] ?? 0n }));
    const keeps = equations.every((equation, e) => equation.reduce((sum, [cell, coefficient]) => sum + BigInt(coefficient) * (all[cell]?.value ?? 0n), 0n) === sums[e]);
    const isWithin = unknown.every((i) => {
      const { value, low, high } = all[i] ?? { value: 0n, low: null, high: null };
      return (low === null || value >= low) && (high === null || value <= high);
    });
    return keeps && isWithin ? { cells: all, equations } : null;
  };
  const known = cells.map(({ value }) => value);
  if (unknown.length === 0) return filled(known);
  if (unknown.length > MOST || solver === null) return null;
  const isBounded = unknown.every((i) => cells[i]?.low !== null);
  const moved = new Set<number>();
  for (let corner = 0; corner < (isBounded ? CORNERS : 1); corner++) {
    const solution = solver(program(component, unknown, corner, false));
    if (solution === null) return null;
    const found = filled(known.map((value, i) => value ?? BigInt(Math.round(solution.get(`y${i}`) ?? 0))));
    if (found !== null) return found;
    for (const i of unknown) if (Math.abs((solution.get(`y${i}`) ?? 0) - Number(cells[i]?.low ?? 0n)) > 1e-6) moved.add(i);
  }
  for (const among of isBounded ? [unknown.filter((i) => moved.has(i)), unknown] : [unknown]) {
    const solution = solver(program(component, among, 0, true));
    const found = solution === null ? null : filled(known.map((value, i) => value ?? (solution.has(`y${i}`) ? BigInt(Math.round(solution.get(`y${i}`) ?? 0)) : cells[i]?.low ?? 0n)));
    if (found !== null) return found;
  }
  return null;
}

/** @param among unknowns that are sought; the others are as low as they can be. @param corner each prefers others; 0: whichever */
function program({ problem: { cells, equations }, sums }: Component, among: readonly number[], corner: number, whole: boolean): string {
  const isSought = new Set(among);
  const constraints = equations.flatMap((equation, e) => {
    if (equation.every(([cell]) => cells[cell]?.value !== null)) return [];
    const terms = equation.filter(([cell]) => isSought.has(cell));
    const right = equation.reduce((sum, [cell, coefficient]) => (isSought.has(cell) ? sum : sum - BigInt(coefficient) * (cells[cell]?.value ?? cells[cell]?.low ?? 0n)), sums[e] ?? 0n);
    return [` e${e}: ${terms.map(([cell, coefficient]) => `${coefficient > 0 ? '+' : '-'} y${cell}`).join(' ') || '0 nothing'} = ${right}`];
  });
  const bounds = among.map((i) => {
    const { low = null, high = null } = cells[i] ?? {};
    return low === null && high === null ? ` y${i} free` : ` ${low ?? '-inf'} <= y${i} <= ${high ?? 'inf'}`;
  });
  const objective = corner === 0 ? '0 nothing' : among.map((i) => `${1 + ((i * 7919 + corner * 104_729) % 97)} y${i}`).join(' + ');
  return ['Minimize', ` obj: ${objective}`, 'Subject To', ...constraints, 'Bounds', ...bounds, ' nothing = 0', ...(whole ? ['Generals', ` ${among.map((i) => `y${i}`).join(' ')}`] : []), 'End'].join('\n');
}
