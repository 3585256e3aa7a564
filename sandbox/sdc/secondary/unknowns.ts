/**
 * Values for numbers that nobody asked for but that tie others together: any that the data could have. From one such table every
 * other that the attacker must consider is reached by a witness, so it does not matter which.
 */
import type { LinearSolver } from './linear.ts';
import type { Equation } from './problem.ts';

/**
 * @param known values of the first cells, in their order; the unknowns are numbered on from there
 * @returns whole numbers that keep every equation exactly; null where none was found
 */
export function fillUnknowns(known: readonly bigint[], unknowns: number, equations: readonly Equation[], nonNegative: boolean, solver: LinearSolver | null): readonly bigint[] | null {
  const isKnown = (cell: number): boolean => cell < known.length;
  const keeps = (values: readonly bigint[]): boolean => equations.every((equation) => equation.reduce((sum, [cell, coefficient]) => sum + BigInt(coefficient) * (values[cell] ?? 0n), 0n) === 0n);
  if (unknowns === 0) return keeps(known) ? known : null;
  if (solver === null) return null;
  const constraints = equations.filter((equation) => equation.some(([cell]) => !isKnown(cell))).map((equation, e) => {
    const right = equation.reduce((sum, [cell, coefficient]) => sum - (isKnown(cell) ? BigInt(coefficient) * (known[cell] ?? 0n) : 0n), 0n);
    return ` e${e}: ${equation.filter(([cell]) => !isKnown(cell)).map(([cell, coefficient]) => `${coefficient > 0 ? '+' : '-'} y${cell}`).join(' ')} = ${right}`;
  });
  const names = Array.from({ length: unknowns }, (_, i) => `y${known.length + i}`);
  const program = (whole: boolean): string => [
    'Minimize', ` obj: 0 ${names[0]}`, 'Subject To', ...constraints, 'Bounds', ...names.map((name) => (nonNegative ? ` ${name} >= 0` : ` ${name} free`)), ...(whole ? ['Generals', ` ${names.join(' ')}`] : []), 'End',
  ].join('\n');
  // A corner of the solutions is whole for most tables; if not, whole numbers are asked for.
  for (const whole of [false, true]) {
    const solution = solver(program(whole));
    if (solution === null) continue;
    const values = [...known, ...names.map((name) => BigInt(Math.round(solution.get(name) ?? 0)))];
    if (keeps(values) && (!nonNegative || values.every((value, i) => isKnown(i) || value >= 0n))) return values;
  }
  return null;
}
