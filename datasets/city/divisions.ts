/** The streets of the city, from `divisions.csv`, with made-up shares of its people. */
import { readFileSync } from 'node:fs';
import { Random } from './random.ts';

/**
 * Division codes start with 66, which GB/T 2260 has never assigned: no identity number or credit code made with them can
 * belong to anybody. The last four digits are those of the real district (3702xx → 6602xx).
 */
const DISTRICTS = {
  市南区: { code: '660202', share: 49 },
  市北区: { code: '660203', share: 110 },
  黄岛区: { code: '660211', share: 190 },
  崂山区: { code: '660212', share: 50 },
  李沧区: { code: '660213', share: 74 },
  城阳区: { code: '660214', share: 111 },
  即墨区: { code: '660215', share: 134 },
  胶州市: { code: '660281', share: 99 },
  平度市: { code: '660283', share: 119 },
  莱西市: { code: '660285', share: 72 },
} as const satisfies Record<string, { code: string; share: number }>;

export type District = keyof typeof DISTRICTS;

export const DISTRICT_NAMES = Object.keys(DISTRICTS) as District[];
export const DISTRICT_CODES: readonly string[] = Object.values(DISTRICTS).map((d) => d.code);
export const DISTRICT_SHARES: readonly number[] = Object.values(DISTRICTS).map((d) => d.share);

export interface Street {
  readonly name: string;
  /** Index into `DISTRICT_NAMES`. */
  readonly district: number;
  /** Relative number of people; streets of a district share out its people unevenly, whatever the seed. */
  readonly weight: number;
}

export function readStreets(): readonly Street[] {
  const [, ...lines] = readFileSync(new URL('divisions.csv', import.meta.url), 'utf8').trimEnd().split('\n');
  const random = new Random(1, 'street weights');
  const drafts = lines.map((line) => {
    const [name = '', district = ''] = line.split(',');
    const index = DISTRICT_NAMES.indexOf(district as District);
    if (index < 0) throw new Error(`divisions.csv: unknown district ${district}`);
    // Islands and reserves have few people.
    return { name, district: index, weight: /自然保护区|度假区/.test(name) ? 0.02 : 0.4 + 1.6 * random.unit() };
  });
  const sums = DISTRICT_NAMES.map((_, d) => drafts.filter((s) => s.district === d).reduce((sum, s) => sum + s.weight, 0));
  return drafts.map((s) => ({ ...s, weight: (s.weight / (sums[s.district] as number)) * (DISTRICT_SHARES[s.district] as number) }));
}
