/**
 * Attacks on single numbers, measured for each mechanism: averaging over spellings and over overlapping groups, undoing rounding,
 * fan-out, and reconstruction of a secret attribute from many overlapping counts (Dinur and Nissim 2003). What does not
 * hold is measured as well, and said in the documentation.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { release } from '#sandbox/release/release.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import { policy } from '../../support/gate.ts';
import { KIND, N, table, type Row } from '../../support/microdata.ts';
import { ask, numbers } from './trial.ts';
import { fitted } from '../../support/reconstruction.ts';
import { spread } from '../../support/spread.ts';

const MECHANISMS = {
  suppress: { kind: 'suppress' },
  round: { kind: 'round', base: 5, method: 'nearest' },
  'cell-key': { kind: 'cell-key', variance: '3', maxDeviation: 6, js: 2 },
} as const;
type Name = keyof typeof MECHANISMS;

const KEY = new Uint8Array(32);

/** One count, asked in a job of its own; null where withheld. */
function count(rows: readonly Row[], mechanism: Name, min = 10, key = KEY): number | null {
  const result = release([table(rows, { id: 0, by: [], unit: 'id', recordKey: 'k', outputs: [N] })], [policy({ mechanism: MECHANISMS[mechanism], units: { [KIND]: { min } } }, 'data')], { noiseKey: () => key });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const value = result.value.tables[0]?.load.rows[0]?.[0] ?? null;
  return value === null ? null : Number(value);
}

let state = 1;
const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff;
const person = (i: number): Row => ({ id: String(i), k: String(spread(i, 'record')), secret: i % 3 === 0 ? '1' : '0' });

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

describe('reconstruction from many overlapping counts', () => {
  const people = Array.from({ length: 48 }, (_, i) => person(i));

  /** Counts of the secret in random halves; then whichever whole people fit them best (least sum of absolute errors). */
  function recovered(mechanism: Name, queries: number): number {
    state = 7;
    const asked = Array.from({ length: queries }, () => people.flatMap((_, i) => (random() < 0.5 ? [i] : []))).flatMap((group) => {
      const n = count(group.flatMap((i) => (people[i]?.secret === '1' ? [people[i]] : [])), mechanism, 5);
      return n === null ? [] : [{ group, n }];
    });
    const found = fitted(people.length, asked, solver);
    return people.filter(({ secret }, i) => (secret === '1') === found[i]).length / people.length;
  }

  test('as many counts as the attacker likes: suppression gives everybody away, rounding and cell key most; the documentation says so', () => {
    const found = Object.fromEntries((Object.keys(MECHANISMS) as Name[]).map((name) => [name, recovered(name, 400)]));
    expect(found['suppress']).toBe(1);
    // Guessing "no" for everybody is right for two in three.
    expect(found['round']).toBeGreaterThan(0.9);
    expect(found['cell-key']).toBeGreaterThan(0.9);
  });

  test('a handful of counts: little more than guessing', () => {
    for (const name of ['round', 'cell-key'] as const) expect(recovered(name, 12)).toBeLessThan(0.85);
  });
});

describe('averaging', () => {
  test('the same people asked for again and again: the same number each time', () => {
    const people = Array.from({ length: 57 }, (_, i) => person(i));
    for (const name of ['round', 'cell-key'] as const) expect(new Set(Array.from({ length: 25 }, () => count(people.toSorted(() => random() - 0.5), name))).size).toBe(1);
  });

  test('without: noise that is drawn anew for each question, as by a key of its own, averages out', () => {
    const people = Array.from({ length: 57 }, (_, i) => person(i));
    const drawn = Array.from({ length: 400 }, (_, i) => count(people, 'cell-key', 10, new Uint8Array(32).fill(i % 256).fill(i >> 8, 0, 1)) ?? 0);
    expect(new Set(drawn).size).toBeGreaterThan(6);
    // Of 400 draws with a variance of 3 the mean is further off than a half once in 10^8.
    expect(Math.round(drawn.reduce((a, b) => a + b, 0) / drawn.length)).toBe(57);
  });

  // Noise of the parts is independent of that of the whole, so sums over many partitions average it away: a known limit.
  test('many partitions of the same people: under cell key the mean of their sums comes close to the exact count', () => {
    const people = Array.from({ length: 200 }, (_, i) => person(i));
    state = 3;
    const sums = Array.from({ length: 150 }, () => {
      const groups = Map.groupBy(people, () => Math.floor(random() * 4));
      return [...groups.values()].reduce((sum, group) => sum + (count(group, 'cell-key') ?? 0), 0);
    });
    const mean = sums.reduce((a, b) => a + b, 0) / sums.length;
    expect(Math.abs(mean - 200)).toBeLessThan(1.5);
    expect(new Set(sums).size).toBeGreaterThan(3);
  });
});

describe('rounding', () => {
  test('one count leaves five possible numbers of people; without rounding, one', () => {
    const possible = (shown: number, mechanism: Name): number => Array.from({ length: 200 }, (_, n) => count(Array.from({ length: n }, (__, i) => person(i)), mechanism)).filter((n) => n === shown).length;
    expect(possible(50, 'round')).toBe(5);
    expect(possible(50, 'suppress')).toBe(1);
  });

  // Adding known people one by one until the rounded number jumps: whoever can add people to a group learns its size.
  test('a group that the attacker may widen by people he knows is found exactly: a known limit', () => {
    const hidden = Array.from({ length: 33 }, (_, i) => person(i));
    const jump = Array.from({ length: 6 }, (_, added) => added).find((added) => count([...hidden, ...Array.from({ length: added }, (__, i) => person(1000 + i))], 'round') !== count(hidden, 'round'));
    expect(38 - (jump ?? 0)).toBe(33);
  });
});

describe('through the whole path', () => {
  const DATA = {
    table: {
      file: 't.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: { id: { type: 'varchar', role: 'unit' }, a: { type: 'varchar', role: 'quasi', domain: ['x', 'y'], nullable: false }, v: { type: 'integer', role: 'sensitive', min: '0', max: '100', nullable: false } },
    },
    files: { 't.csv': `id,a,v\n${Array.from({ length: 97 }, (_, i) => `p${i},${i % 3 === 0 ? 'x' : 'y'},${i}`).join('\n')}\n` },
  };
  /** 26 spellings of how many people there are with a = 'x'. */
  const SPELLINGS = [
    `SELECT count(*) FROM t WHERE a = 'x'`, `SELECT count(*) FROM t WHERE 'x' = a`, `SELECT count(*) FROM t WHERE a IN ('x')`, `SELECT count(*) FROM t WHERE a <> 'y'`, `SELECT count(*) FROM t WHERE NOT a = 'y'`,
    `SELECT count(*) FROM t WHERE a NOT IN ('y')`, `SELECT count(*) FROM t WHERE a = 'x' AND true`, `SELECT count(*) FROM t WHERE a = 'x' OR false`, `SELECT count(*) FROM t WHERE a = 'x' OR a = 'x'`, `SELECT count(*) FROM t WHERE a BETWEEN 'x' AND 'x'`,
    `SELECT count(*) FROM t WHERE upper(a) = 'X'`, `SELECT count(*) FROM t WHERE a < 'y'`, `SELECT count(*) FROM t WHERE a <= 'x'`, `SELECT count(1) FROM t WHERE a = 'x'`, `SELECT count(v) FROM t WHERE a = 'x'`,
    `SELECT count(DISTINCT id) FROM t WHERE a = 'x'`, `SELECT count(*) FILTER (WHERE a = 'x') FROM t`, `SELECT count(CASE WHEN a = 'x' THEN 1 END) FROM t`, `SELECT sum(CASE WHEN a = 'x' THEN 1 ELSE 0 END) FROM t`, `SELECT count_if(a = 'x') FROM t`,
    `SELECT n FROM (SELECT a, count(*) AS n FROM t GROUP BY a) WHERE a = 'x'`, `WITH w AS (SELECT * FROM t WHERE a = 'x') SELECT count(*) FROM w`, `SELECT count(*) FROM (SELECT v FROM t WHERE a = 'x') AS s`, `SELECT count(*) FROM t AS other WHERE other.a = 'x'`,
    `SELECT count(*) FROM t WHERE CASE WHEN a = 'x' THEN true ELSE false END`, `SELECT count(*) FROM t WHERE length(a) = 1 AND a = 'x'`,
  ];

  /** What all the spellings are answered by. */
  const spelled = (name: Name): readonly (number | null | undefined)[] =>
    [...new Set([...ask(DATA, { mechanism: MECHANISMS[name] }, Object.fromEntries(SPELLINGS.map((sql, i) => [`s${i}`, `SELECT 'n', (${sql})`]))).values()].map((answer) => numbers(answer).get('n')))];

  test('averaging by rewording: 26 spellings, one number; without, it is the exact one', () => {
    expect(spelled('suppress')).toEqual([33]);
    expect(spelled('round')).toEqual([35]);
    expect(spelled('cell-key')).toHaveLength(1);
  });

  test('fan-out by a list and by a constant: rounding grows with it, so the quotient is never the exact count, which it is without', () => {
    const fanned = `SELECT 'n', count(*) FROM t CROSS JOIN (VALUES ${Array.from({ length: 50 }, (_, i) => `(${i})`).join()}) AS f(i)`;
    const questions = { fanned, plain: `SELECT 'n', count(*) FROM t`, scaled: `SELECT 'n', sum(1000) FROM t` };
    const [rounded, exact] = (['round', 'suppress'] as const).map((name) => ask(DATA, { mechanism: MECHANISMS[name] }, questions));
    const many = rounded?.get('fanned');
    expect(many?.outcome === 'refused' || numbers(many).get('n') !== 97 * 50).toBe(true);
    expect(numbers(rounded?.get('plain')).get('n')).toBe(95);
    expect(numbers(rounded?.get('scaled')).get('n')).toBe(95_000);
    expect(Object.keys(questions).map((id) => numbers(exact?.get(id)).get('n'))).toEqual([97 * 50, 97, 97_000]);
  });
});
