/** Residents aged 14 and over: an age pyramid, education and occupation that fit the age, log-normal income. */
import { citizenIdCheckCharacter } from '#contract/identifier/citizen-id.ts';
import { CsvWriter } from './csv.ts';
import { DISTRICT_CODES, DISTRICT_SHARES } from './divisions.ts';
import type { Street } from './divisions.ts';
import { personName } from './names.ts';
import { choice, Weighted } from './random.ts';
import type { Random } from './random.ts';

/** Ages are as of the end of this year. */
export const REGISTER_YEAR = 2024;
const FIRST_BIRTH_YEAR = 1930;
const LAST_BIRTH_YEAR = 2010;

/** Relative size of five-year groups of birth years from 1930 on: the dents of 1960 and of the 1990s are real features. */
const PYRAMID = [2, 4, 8, 14, 26, 42, 55, 72, 80, 66, 78, 92, 86, 60, 50, 44, 9];

export interface Residents {
  readonly count: number;
  /** Identity number of a resident, rebuilt from a packed form: ten million of them as strings would not fit. */
  id(index: number): string;
  /** Index into `DISTRICT_NAMES`. */
  readonly district: Uint8Array;
  readonly birthYear: Uint16Array;
  /** 1 for men. */
  readonly male: Uint8Array;
  /** 1 where the resident works for an enterprise. */
  readonly employed: Uint8Array;
}

type Education = '小学及以下' | '初中' | '高中' | '专科' | '本科' | '研究生';
type Occupation = '学生' | '农林牧渔' | '生产制造' | '商业服务' | '专业技术' | '办事人员' | '机关事业' | '个体经营' | '离退休' | '未就业';

const EDUCATION: readonly { readonly bornFrom: number; readonly draw: (random: Random) => Education }[] = [
  { bornFrom: 2007, draw: choice<Education>([['初中', 55], ['高中', 45]]) },
  { bornFrom: 2003, draw: choice<Education>([['初中', 6], ['高中', 34], ['专科', 30], ['本科', 30]]) },
  { bornFrom: 1985, draw: choice<Education>([['小学及以下', 1], ['初中', 22], ['高中', 20], ['专科', 24], ['本科', 27], ['研究生', 6]]) },
  { bornFrom: 1970, draw: choice<Education>([['小学及以下', 7], ['初中', 44], ['高中', 22], ['专科', 14], ['本科', 11], ['研究生', 2]]) },
  { bornFrom: 1955, draw: choice<Education>([['小学及以下', 28], ['初中', 46], ['高中', 19], ['专科', 5], ['本科', 2]]) },
  { bornFrom: 0, draw: choice<Education>([['小学及以下', 68], ['初中', 21], ['高中', 8], ['专科', 2], ['本科', 1]]) },
];

const WORK = {
  小学及以下: choice<Occupation>([['农林牧渔', 52], ['生产制造', 20], ['商业服务', 12], ['个体经营', 8], ['未就业', 8]]),
  初中: choice<Occupation>([['农林牧渔', 26], ['生产制造', 34], ['商业服务', 18], ['个体经营', 12], ['未就业', 10]]),
  高中: choice<Occupation>([['农林牧渔', 8], ['生产制造', 32], ['商业服务', 28], ['办事人员', 10], ['个体经营', 14], ['未就业', 8]]),
  专科: choice<Occupation>([['生产制造', 22], ['商业服务', 28], ['专业技术', 18], ['办事人员', 16], ['机关事业', 5], ['个体经营', 6], ['未就业', 5]]),
  本科: choice<Occupation>([['生产制造', 8], ['商业服务', 20], ['专业技术', 34], ['办事人员', 18], ['机关事业', 13], ['个体经营', 3], ['未就业', 4]]),
  研究生: choice<Occupation>([['商业服务', 12], ['专业技术', 50], ['办事人员', 12], ['机关事业', 23], ['未就业', 3]]),
} satisfies Record<Education, unknown>;

/** Occupations that are work for an enterprise, with the share that has a contract of employment. */
const EMPLOYED: Partial<Record<Occupation, number>> = { 生产制造: 0.93, 商业服务: 0.85, 专业技术: 0.9, 办事人员: 0.9 };

/** Median yearly income in yuan. */
const MEDIAN_INCOME: Record<Occupation, number> = {
  学生: 0, 农林牧渔: 26_000, 生产制造: 62_000, 商业服务: 55_000, 专业技术: 98_000,
  办事人员: 72_000, 机关事业: 93_000, 个体经营: 68_000, 离退休: 41_000, 未就业: 6_000,
};
const EDUCATION_FACTOR: Record<Education, number> = { 小学及以下: 0.85, 初中: 0.95, 高中: 1, 专科: 1.05, 本科: 1.2, 研究生: 1.5 };
/** By index of `DISTRICT_NAMES`: the centre earns more than the counties. */
const DISTRICT_FACTOR = [1.3, 1.1, 1.05, 1.35, 1, 1.05, 0.9, 0.92, 0.8, 0.78] as const;
const MAX_INCOME = 5_000_000;

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
/** `MMDD` of every day of a common year: nobody is born on 29 February, which keeps the packing simple. */
const DAYS = DAYS_BEFORE_MONTH.flatMap((before, m) =>
  Array.from({ length: (DAYS_BEFORE_MONTH[m + 1] ?? 365) - before }, (_, d) => two(m + 1) + two(d + 1)));
const DAY_COUNT = (LAST_BIRTH_YEAR - FIRST_BIRTH_YEAR + 1) * DAYS.length;
/** Sequence numbers 001 to 999, odd for men and even for women, for each division and day. */
const SEQUENCE_PER_SEX = 499;

function numberOf(division: number, day: number, sequence: number): string {
  const year = FIRST_BIRTH_YEAR + Math.floor(day / DAYS.length);
  const body = `${DISTRICT_CODES[division]}${year}${DAYS[day % DAYS.length]}${String(sequence).padStart(3, '0')}`;
  return body + citizenIdCheckCharacter(body);
}

/**
 * Writes `residents.csv` and returns what the other tables need.
 * @param count 1 … 10,000,000; throws RangeError where a day runs out of sequence numbers.
 */
export function writeResidents(path: string, count: number, streets: readonly Street[], random: Random): Residents {
  const file = new CsvWriter(path, ['person_id', 'name', 'sex', 'birth_year', 'street', 'education', 'occupation', 'insurance', 'income']);
  const street = new Weighted(streets.map((s) => s.weight));
  const birthplace = new Weighted(DISTRICT_SHARES);
  const birthYear = new Weighted(Array.from({ length: LAST_BIRTH_YEAR - FIRST_BIRTH_YEAR + 1 }, (_, y) => PYRAMID[Math.floor(y / 5)] as number));
  const used = new Uint16Array(DISTRICT_CODES.length * DAY_COUNT * 2);
  const out = {
    count, district: new Uint8Array(count), birthYear: new Uint16Array(count), male: new Uint8Array(count), employed: new Uint8Array(count),
    birthplace: new Uint8Array(count), day: new Uint32Array(count), sequence: new Uint16Array(count),
  };
  const id = (i: number): string => numberOf(out.birthplace[i] as number, out.day[i] as number, out.sequence[i] as number);

  for (let i = 0; i < count; i++) {
    const home = streets[street.draw(random)] as Street;
    const born = birthYear.draw(random);
    const year = FIRST_BIRTH_YEAR + born;
    const age = REGISTER_YEAR - year;
    // Women live longer.
    const male = random.unit() < (age < 60 ? 0.51 : age < 80 ? 0.48 : 0.4);
    const registered = random.unit() < 0.78 ? home.district : birthplace.draw(random);
    const day = born * DAYS.length + random.below(DAYS.length);
    const slot = (registered * DAY_COUNT + day) * 2 + (male ? 1 : 0);
    const nth = used[slot] as number;
    if (nth >= SEQUENCE_PER_SEX) throw new RangeError('too many residents: a birthday ran out of sequence numbers');
    used[slot] = nth + 1;

    const education = (EDUCATION.find((e) => year >= e.bornFrom) as (typeof EDUCATION)[number]).draw(random);
    const occupation = occupationAt(age, male, education, random);
    const employed = random.unit() < (EMPLOYED[occupation] ?? 0);

    out.birthplace[i] = registered;
    out.day[i] = day;
    out.sequence[i] = male ? nth * 2 + 1 : nth * 2 + 2;
    out.district[i] = home.district;
    out.birthYear[i] = year;
    out.male[i] = male ? 1 : 0;
    out.employed[i] = employed ? 1 : 0;

    const sex = male ? '男' : '女';
    const insurance = random.unit() < 0.03 ? '未参保' : employed || occupation === '机关事业' || (occupation === '离退休' && random.unit() < 0.7) ? '职工医保' : '居民医保';
    file.row(`${id(i)},${personName(random, sex)},${sex},${year},${home.name},${education},${occupation},${insurance},${income(occupation, education, male, home.district, random)}`);
  }
  file.close();
  return { count, id, district: out.district, birthYear: out.birthYear, male: out.male, employed: out.employed };
}

function occupationAt(age: number, male: boolean, education: Education, random: Random): Occupation {
  if (age < 18) return '学生';
  if (age < 23 && random.unit() < 0.7) return '学生';
  if (age >= (male ? 60 : 55) && random.unit() < (education === '小学及以下' ? 0.55 : 0.9)) return '离退休';
  return WORK[education](random);
}

/** Yearly income in yuan with two decimals; empty for the 3 % who did not report it. */
function income(occupation: Occupation, education: Education, male: boolean, district: number, random: Random): string {
  const deviation = random.normal();
  if (random.unit() < 0.03) return '';
  const median = MEDIAN_INCOME[occupation] * EDUCATION_FACTOR[education] * (male ? 1.06 : 0.94) * (DISTRICT_FACTOR[district] as number);
  return Math.min(MAX_INCOME, median * Math.exp(0.55 * deviation)).toFixed(2);
}
