/** Enterprises: Zipf-like registered capital (rank times size is about constant), and employees and revenue that go with it. */
import { creditCodeCheckCharacter } from '#contract/identifier/credit-code.ts';
import { organisationCodeCheckCharacter } from '#contract/identifier/organisation-code.ts';
import { CsvWriter } from './csv.ts';
import { DISTRICT_CODES } from './divisions.ts';
import type { Street } from './divisions.ts';
import { enterpriseName } from './names.ts';
import { choice, Weighted } from './random.ts';
import type { Random } from './random.ts';

export interface Enterprises {
  readonly count: number;
  code(index: number): string;
  readonly employees: Uint32Array;
  /** Index into `INDUSTRIES`. */
  readonly industry: Uint8Array;
}

/** Sections of GB/T 4754-2017 that enterprises belong to; share of enterprises, capital and wage against the average, word in names. */
const INDUSTRIES = [
  { section: 'A', share: 3, capital: 0.6, wage: 0.7, trade: '农业' },
  { section: 'B', share: 0.3, capital: 5, wage: 1.1, trade: '矿业' },
  { section: 'C', share: 19, capital: 1.6, wage: 1, trade: '机械' },
  { section: 'D', share: 0.5, capital: 8, wage: 1.3, trade: '能源' },
  { section: 'E', share: 8, capital: 1.8, wage: 0.95, trade: '建筑工程' },
  { section: 'F', share: 31, capital: 0.5, wage: 0.85, trade: '商贸' },
  { section: 'G', share: 5, capital: 1.2, wage: 1, trade: '物流' },
  { section: 'H', share: 3, capital: 0.3, wage: 0.7, trade: '餐饮' },
  { section: 'I', share: 6, capital: 0.8, wage: 1.5, trade: '信息技术' },
  { section: 'J', share: 0.4, capital: 12, wage: 1.8, trade: '投资' },
  { section: 'K', share: 3, capital: 3, wage: 1, trade: '置业' },
  { section: 'L', share: 9, capital: 0.8, wage: 1, trade: '商务服务' },
  { section: 'M', share: 6, capital: 0.8, wage: 1.3, trade: '科技' },
  { section: 'N', share: 0.7, capital: 2, wage: 0.9, trade: '环境' },
  { section: 'O', share: 2.5, capital: 0.2, wage: 0.75, trade: '家政' },
  { section: 'P', share: 0.8, capital: 0.4, wage: 1, trade: '培训' },
  { section: 'Q', share: 0.8, capital: 0.9, wage: 1.1, trade: '医疗' },
  { section: 'R', share: 1, capital: 0.5, wage: 0.9, trade: '文化传播' },
] as const;

/** Monthly wage against the city's average, by industry index. */
export const WAGE_FACTORS: readonly number[] = INDUSTRIES.map((i) => i.wage);

const ownership = choice<string>([['有限责任公司', 82], ['股份有限公司', 3], ['个人独资企业', 8], ['合伙企业', 4], ['外商投资企业', 2], ['国有企业', 1]]);
/** Share of enterprises against share of people: offices gather in the centre. */
const DISTRICT_PULL = [2.4, 1.2, 1.1, 1.8, 1, 1.3, 0.8, 0.8, 0.5, 0.5] as const;
const MIN_CAPITAL = 30_000;
const MAX_CAPITAL = 10_000_000_000;
const MAX_REVENUE = 100_000_000_000;
const MAX_EMPLOYEES = 50_000;
const YUAN = 100;

/** The 31 characters of GB 32100. */
const DIGITS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Registered by market regulation (9) as an enterprise (1); the organisation code counts up from MA000000, in base 31. */
function codeOf(division: number, index: number): string {
  let serial = '';
  for (let i = 0, left = index; i < 6; i++, left = Math.floor(left / 31)) serial = DIGITS.charAt(left % 31) + serial;
  const organisation = `MA${serial}`;
  const body = `91${DISTRICT_CODES[division]}${organisation}${organisationCodeCheckCharacter(organisation)}`;
  return body + creditCodeCheckCharacter(body);
}

/** Writes `enterprises.csv` and returns what the employments need. @param count 1 … 1,000,000 */
export function writeEnterprises(path: string, count: number, streets: readonly Street[], random: Random): Enterprises {
  const file = new CsvWriter(path, ['credit_code', 'name', 'street', 'industry', 'ownership', 'founded_year', 'capital', 'revenue', 'employees']);
  const street = new Weighted(streets.map((s) => s.weight * (DISTRICT_PULL[s.district] as number)));
  const industries = new Weighted(INDUSTRIES.map((i) => i.share));
  const out = { district: new Uint8Array(count), employees: new Uint32Array(count), industry: new Uint8Array(count) };
  const code = (i: number): string => codeOf(out.district[i] as number, i);

  for (let i = 0; i < count; i++) {
    const seat = streets[street.draw(random)] as Street;
    const index = industries.draw(random);
    const industry = INDUSTRIES[index] as (typeof INDUSTRIES)[number];
    // Pareto with exponent 0.9: the k-th largest is about 1/k^1.1 of the largest.
    const capital = Math.min(MAX_CAPITAL, (MIN_CAPITAL * industry.capital + 1000) * (1 - random.unit()) ** (-1 / 0.9));
    const revenue = Math.min(MAX_REVENUE, capital ** 0.85 * 12 * Math.exp(0.9 * random.normal()));
    const employees = Math.max(1, Math.min(MAX_EMPLOYEES, Math.round(capital ** 0.5 / 60 * Math.exp(0.6 * random.normal()))));
    // Young enterprises are the many.
    const founded = 2024 - Math.min(44, Math.floor(-9 * Math.log(1 - random.unit())));
    out.district[i] = seat.district;
    out.employees[i] = employees;
    out.industry[i] = index;
    // 5 % filed no annual report.
    const reported = random.unit() < 0.05 ? '' : (Math.round(revenue / YUAN) * YUAN).toFixed(2);
    file.row(`${code(i)},${enterpriseName(random, industry.trade)},${seat.name},${industry.section},${ownership(random)},${founded},${(Math.round(capital / YUAN) * YUAN).toFixed(2)},${reported},${employees}`);
  }
  file.close();
  return { count, code, employees: out.employees, industry: out.industry };
}
