/**
 * An attacker with linear programs: takes what was released, every equation among tables of the same rows, and computes
 * the range of each withheld cell. Builds its equations the plain way (every pair of tables, merged to what they share), with no
 * code of the suppression itself.
 */
import type { Value } from '#contract/table.ts';
import type { Coarsening } from '#sandbox/release/cells.ts';
import type { DecidedGate } from '#sandbox/release/decide.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';

export interface Interval {
  readonly gate: number;
  readonly keys: readonly Value[];
  readonly low: number;
  readonly high: number;
}

interface Unknown {
  readonly gate: number;
  readonly keys: readonly Value[];
  readonly value: number;
  readonly lone: boolean;
  readonly primary: boolean;
}

const UNBOUNDED = 1e6;

export class Attacker {
  readonly #unknowns: Unknown[] = [];
  readonly #constraints: string[] = [];
  readonly #solver: LinearSolver;

  constructor(gates: readonly DecidedGate[], measure: number, face: 'count' | 'total', coarsenings: readonly Coarsening[], solver: LinearSolver) {
    this.#solver = solver;
    const known = gates.map(({ gate, rows, dropped }, g) => [...rows, ...dropped].map((row, r) => {
      const evidence = row.evidence[measure];
      const value = Number(face === 'count' ? evidence?.count : evidence?.sum);
      const hidden = r >= rows.length || (row.withheld[measure]?.[face] ?? true);
      if (!hidden) return { row, variable: null, value };
      const variable = this.#unknowns.push({
        gate: gate.spec.id, keys: row.keys, value, lone: Object.values(evidence?.units ?? {}).some((units) => 'exact' in units && units.exact === 1n),
        primary: row.assessments[measure]?.publishableZero !== true && (row.assessments[measure]?.checks.some(({ passes }) => !passes) ?? false),
      }) - 1;
      return { row, variable, value, g };
    }));
    const upwards = (name: string): readonly string[] => [name, ...coarsenings.filter(({ fine }) => fine === name).flatMap(({ coarse }) => upwards(coarse))];
    const lift = (from: string, to: string, value: Value): Value => {
      if (from === to) return value;
      for (const { fine, coarse, map } of coarsenings) {
        if (fine === from && upwards(coarse).includes(to)) return lift(coarse, to, map.find(([a]) => a === value)?.[1] ?? null);
      }
      return null;
    };
    for (let a = 0; a < gates.length; a++) {
      for (let b = a + 1; b < gates.length; b++) {
        const keysA = gates[a]?.gate.spec.keys.map(({ of = '' }) => of) ?? [];
        const keysB = gates[b]?.gate.spec.keys.map(({ of = '' }) => of) ?? [];
        const shared = keysA.flatMap((from) => {
          const to = upwards(from).find((level) => keysB.some((other) => upwards(other).includes(level)));
          const other = keysB.find((name) => to !== undefined && upwards(name).includes(to));
          return to === undefined || other === undefined ? [] : [{ from, other, to }];
        });
        const sums = new Map<string, { terms: string[]; rest: number }>();
        for (const [side, keys, sign] of [[a, keysA, 1], [b, keysB, -1]] as const) {
          for (const { row, variable, value } of known[side] ?? []) {
            const key = JSON.stringify(shared.map(({ from, other, to }) => {
              const name = side === a ? from : other;
              return lift(name, to, row.keys[keys.indexOf(name)] ?? null);
            }));
            const sum = sums.get(key) ?? { terms: [], rest: 0 };
            if (variable === null) sum.rest -= sign * value;
            else sum.terms.push(`${sign > 0 ? '+' : '-'} x${variable}`);
            sums.set(key, sum);
          }
        }
        for (const { terms, rest } of sums.values()) if (terms.length > 0) this.#constraints.push(`${terms.join(' ')} = ${rest}`);
      }
    }
  }

  /** Of every cell withheld for its own sake. */
  intervals(): readonly Interval[] {
    return this.#unknowns.flatMap((unknown, i) => (unknown.primary ? [this.#interval(unknown, i, [])] : []));
  }

  /** The same, as whoever is alone in some other cell sees it. */
  intervalsKnownToLoneUnits(): readonly Interval[] {
    return this.#unknowns.flatMap(({ lone, value }, own) => (lone
      ? this.#unknowns.flatMap((unknown, i) => (unknown.primary && i !== own && !this.#isSameCell(unknown, own) ? [this.#interval(unknown, i, [`x${own} = ${value}`])] : []))
      : []));
  }

  /** A lone unit's cell and a margin that holds nothing else are one secret: its own. */
  #isSameCell(unknown: Unknown, own: number): boolean {
    return unknown.lone && unknown.value === this.#unknowns[own]?.value;
  }

  #interval(unknown: Unknown, i: number, extra: readonly string[]): Interval {
    const ask = (objective: string) => this.#solver([
      'Minimize', ` obj: ${objective} x${i}`, 'Subject To', ...[...this.#constraints, ...extra].map((constraint, c) => ` c${c}: ${constraint}`),
      'Bounds', ...this.#unknowns.map((_, v) => ` 0 <= x${v} <= ${UNBOUNDED}`), 'End',
    ].join('\n'))?.get(`x${i}`);
    const low = ask('');
    const high = ask('-');
    if (low === undefined || high === undefined) throw new Error('what was released contradicts itself');
    return { gate: unknown.gate, keys: unknown.keys, low, high };
  }
}
