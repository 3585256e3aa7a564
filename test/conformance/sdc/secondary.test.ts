/** C01 – C03 (GaussSuppression): primaries are the source's, and everything withheld holds against an attacker with linear programs. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { GateCells } from '#sandbox/release/cells.ts';
import type { DecidedRow } from '#sandbox/release/decide.ts';
import { release } from '#sandbox/release/release.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import { readCsv } from '../../support/csv.ts';
import { policy } from '../../support/gate.ts';
import { Attacker } from '../../support/attacker.ts';
import { coarsening, KIND, table } from '../../support/microdata.ts';

const here = import.meta.dirname;
const rows = readCsv(`${here}/data/gauss_magnitude1.csv`).rows;
const levels = [coarsening(rows, 'sector4', 'sector2'), coarsening(rows, 'geo', 'eu')];
let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

const rules = (statistics: Record<string, unknown>) => ({
  ...policy({ zeros: 'publishable', secondary: 'required', units: { [KIND]: { min: 0 } }, ...statistics }, 'data'),
});

/** Every crossing of the given levels of both dimensions; `null` is the total. */
function tables(sectors: readonly (string | null)[], places: readonly (string | null)[]): readonly GateCells[] {
  return sectors.flatMap((sector) => places.map((place) => [sector, place].filter((name) => name !== null)))
    .map((by, id) => table(rows, { id, by, sum: 'value', scale: 1, coarsenings: levels }));
}

const isPrimary = (row: DecidedRow | undefined) => {
  const { checks = [], publishableZero = false } = row?.assessments[1] ?? {};
  return !publishableZero && checks.some(({ passes }) => !passes);
};

interface Expected {
  readonly name: string;
  readonly file: string;
  readonly gates: readonly GateCells[];
  readonly statistics: Record<string, unknown>;
}

const CASES: readonly Expected[] = [
  { name: 'C01', file: 'gauss01_few_contributors_maxN1', gates: tables(['sector4', null], ['geo', null]), statistics: { units: { [KIND]: { min: 2 } } } },
  { name: 'C02', file: 'gauss02_dominance_1_80', gates: tables(['sector4', null], ['geo', null]), statistics: { dominance: [{ rule: 'nk', n: 1, k: 80 }] } },
  { name: 'C03', file: 'gauss03_dominance_hier_1_80_2_99', gates: tables(['sector4', 'sector2', null], ['geo', 'eu', null]), statistics: { dominance: [{ rule: 'nk', n: 1, k: 80 }, { rule: 'nk', n: 2, k: 99 }] } },
];

describe.each(CASES)('$name', ({ file, gates, statistics }) => {
  const expected = readCsv(`${here}/expected/${file}.csv`).rows;
  const wanted = (flag: string) => expected.filter((row) => row[flag] === 'TRUE').map((row) => `${row['sector4']} ${row['geo']}`).sort();

  test('primaries as in the source, at most one secondary more, nothing pinned down', () => {
    const result = release(gates, [rules(statistics)], { solver });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const { decided } = result.value;
    const names = (choose: (gate: number, row: number) => boolean) => decided.flatMap(({ gate, rows: released }, g) => released.flatMap((row, r) => {
      if (!choose(g, r)) return [];
      const at = (names: readonly string[]) => String(row.keys[gate.spec.keys.findIndex(({ name }) => names.includes(name))] ?? 'Total');
      return [`${at(['sector4', 'sector2'])} ${at(['geo', 'eu'])}`];
    })).sort();

    expect(names((g, r) => isPrimary(decided[g]?.rows[r]))).toEqual(wanted('primary'));
    const withheld = names((g, r) => decided[g]?.rows[r]?.withheld[1]?.total ?? false);
    expect(withheld.length).toBeLessThanOrEqual(wanted('suppressed').length + 1);

    const attacker = new Attacker(decided, 1, 'total', levels, solver);
    for (const interval of attacker.intervals()) expect(interval.high - interval.low, `${interval.keys}`).toBeGreaterThan(0.01);
    for (const interval of attacker.intervalsKnownToLoneUnits()) expect(interval.high - interval.low, `${interval.keys}`).toBeGreaterThan(0.01);
  });
});
