/**
 * Tables of several data in one problem: an earlier snapshot, the one at hand. Each has its own equations; numbers behind which nearly the same
 * units are tie them together.
 */
import type { AskedCell, AskedProblem, Equation } from '#sandbox/sdc/secondary/problem.ts';
import { Disjoint } from './disjoint.ts';
import type { Place } from './occurrence.ts';
import type { GatePlace } from './place.ts';

/** Numbers of other data lie apart from those at hand. */
export function ofData(place: GatePlace, data: string | null): GatePlace {
  return data === null ? place : { ...place, slices: [...place.slices, { root: DATA, inside: { negated: false, atoms: [`=${data}`] } }] };
}
const DATA = '\u0000data';

/** What fails today is another number than the one that was shown of other data, however near: else it would have been given again. */
export function withoutOutdated<P extends Place>(cells: readonly P[]): readonly P[] {
  const seen = cells.map((place) => ({ place, cell: place.of.cell(place.row) }));
  if (!seen.some(({ place: { of }, cell }) => of.open !== null && cell.width > 0n && !cell.shown)) return cells;
  return seen.filter(({ place: { of }, cell }) => of.near === null || !cell.shown).map(({ place }) => place);
}

/** By number, the one that stands for all that are the same number in several data. */
export function sameNumbers(places: readonly (readonly Place[])[]): readonly number[] {
  const same = new Disjoint(places.length);
  const twins = new Map<readonly boolean[], Map<number, number>>();
  places.forEach((cells, number) => cells.forEach(({ of: { near }, row }) => {
    if (near?.[row] !== true) return;
    const ofTable = twins.get(near) ?? new Map<number, number>();
    twins.set(near, ofTable);
    const twin = ofTable.get(row);
    if (twin === undefined) ofTable.set(row, number);
    else same.join(number, twin);
  }));
  return places.map((_, number) => same.find(number));
}

/** Equations that say the same of both data, once. */
export function once(equations: readonly Equation[]): readonly Equation[] {
  return [...new Map(equations.map((equation) => [equation.map(([cell, coefficient]) => `${coefficient} ${cell}`).sort().join(), equation])).values()];
}

/** Numbers that are nearly the same in both data leave equations open by what little differs: that is taken for known. */
export function balanced({ cells, equations }: { readonly cells: readonly AskedCell[]; readonly equations: readonly Equation[] }): AskedProblem {
  const differences: AskedCell[] = [];
  const closed = equations.map((equation): Equation => {
    const sum = equation.reduce<bigint | null>((total, [cell, coefficient]) => {
      const value = cells[cell]?.value ?? null;
      return total === null || value === null ? null : total + BigInt(coefficient) * value;
    }, 0n);
    if (sum === null || sum === 0n) return equation;
    const known = cells.length + differences.push({ value: sum, state: 'fixed', width: 0n, margin: false, cells: 1, low: null, high: null, owner: null }) - 1;
    return [...equation, [known, -1]];
  });
  return { cells: [...cells, ...differences], equations: closed };
}
