/** The generated city: repeatable to the byte, belonging to nobody, and skewed as real registers are. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCitizenId } from '#contract/identifier/citizen-id.ts';
import { parseCreditCode } from '#contract/identifier/credit-code.ts';
import { isOrganisationCode } from '#contract/identifier/organisation-code.ts';
import { generateCity, scaled } from '../../datasets/city/generate.ts';
import { readCsv } from '../support/csv.ts';

const scratch = mkdtempSync(join(tmpdir(), 'sluice-city-'));
const FILES = ['residents.csv', 'enterprises.csv', 'employments.csv', 'visits.csv'] as const;
type Rows = ReturnType<typeof readCsv>['rows'];
const tables = {} as Record<'residents' | 'enterprises' | 'employments' | 'visits', Rows>;

function digest(directory: string): string {
  const hash = createHash('sha256');
  for (const file of FILES) hash.update(readFileSync(join(directory, file)));
  return hash.digest('hex');
}

beforeAll(() => {
  generateCity({ directory: join(scratch, 'a'), size: scaled(0.05) });
  for (const file of FILES) tables[file.replace('.csv', '') as keyof typeof tables] = readCsv(join(scratch, 'a', file)).rows;
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('repeatable', () => {
  test('the same seed gives the same bytes, on every machine', () => {
    expect(digest(join(scratch, 'a'))).toBe('f0ffac3dbacd35f34ed12b4bfbef07ece6a7d498cf2ecab08be641ab55f084d5');
  });
  test('another seed gives other people', () => {
    generateCity({ directory: join(scratch, 'b'), size: scaled(0.05), seed: 2 });
    expect(digest(join(scratch, 'b'))).not.toBe(digest(join(scratch, 'a')));
  });
  test('sizes are exact', () => {
    expect([tables.residents.length, tables.enterprises.length, tables.visits.length]).toEqual([10_000, 1_000, 50_000]);
  });
});

describe('belongs to nobody', () => {
  test('identity numbers are well formed, unique, say birth year and sex, and start with the unassigned prefix 66', () => {
    for (const row of tables.residents) {
      const id = parseCitizenId(row.person_id as string);
      expect(id?.region.startsWith('66')).toBe(true);
      expect(id?.birthDate.slice(0, 4)).toBe(row.birth_year);
      expect(id?.sex).toBe(row.sex === '男' ? 'male' : 'female');
    }
    expect(new Set(tables.residents.map((row) => row.person_id)).size).toBe(tables.residents.length);
  });
  test('credit codes and the organisation codes in them are well formed and unique, under the same prefix', () => {
    for (const row of tables.enterprises) {
      const code = parseCreditCode(row.credit_code as string);
      expect(code?.region.startsWith('66')).toBe(true);
      expect(isOrganisationCode(code?.organisation ?? '')).toBe(true);
      expect(row.name).toMatch(/^示范/);
    }
    expect(new Set(tables.enterprises.map((row) => row.credit_code)).size).toBe(tables.enterprises.length);
  });
});

describe('skewed as real registers are', () => {
  const sorted = (values: readonly string[]): number[] => values.filter((v) => v !== '').map(Number).sort((a, b) => a - b);
  const at = (values: readonly number[], share: number): number => values[Math.floor(values.length * share)] as number;

  test('income is log-normal within an occupation: mean above median, symmetric in logarithms', () => {
    const incomes = sorted(tables.residents.filter((r) => r.occupation === '专业技术').map((r) => r.income as string));
    const mean = incomes.reduce((sum, x) => sum + x, 0) / incomes.length;
    expect(mean / at(incomes, 0.5)).toBeGreaterThan(1.1);
    const [low, middle, high] = [Math.log(at(incomes, 0.1)), Math.log(at(incomes, 0.5)), Math.log(at(incomes, 0.9))];
    expect(Math.abs(high - middle - (middle - low))).toBeLessThan(0.15);
  });
  test('a tenth of the residents make half of the visits, and many make none', () => {
    const visits = sorted([...Map.groupBy(tables.visits, (v) => v.person_id).values()].map((of) => String(of.length))).reverse();
    const top = visits.slice(0, tables.residents.length / 10).reduce((sum, n) => sum + n, 0);
    expect(top / tables.visits.length).toBeGreaterThan(0.45);
    expect(visits.length / tables.residents.length).toBeLessThan(0.75);
    expect(visits[0]).toBeLessThanOrEqual(40);
  });
  test('capital follows rank: log size against log rank is a line of slope near −1.1', () => {
    const capital = sorted(tables.enterprises.map((e) => e.capital as string)).reverse().slice(5, 500);
    const points = capital.map((size, i) => [Math.log(i + 6), Math.log(size)] as const);
    const mean = (k: 0 | 1): number => points.reduce((sum, p) => sum + p[k], 0) / points.length;
    const [mx, my] = [mean(0), mean(1)];
    const slope = points.reduce((s, [x, y]) => s + (x - mx) * (y - my), 0) / points.reduce((s, [x]) => s + (x - mx) ** 2, 0);
    expect(slope).toBeGreaterThan(-1.5);
    expect(slope).toBeLessThan(-0.8);
  });
  test('every district has residents, enterprises and visits', () => {
    const streets = readCsv(join(scratch, 'a', 'divisions.csv')).rows;
    const district = new Map(streets.map((s) => [s.street, s.district]));
    for (const rows of [tables.residents, tables.enterprises]) expect(new Set(rows.map((r) => district.get(r.street as string))).size).toBe(10);
    expect(new Set(tables.visits.map((v) => v.district)).size).toBe(10);
  });
});
