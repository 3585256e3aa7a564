/** Outpatient visits of one year: Zipf-like number of visits per resident (0 … 40), log-normal cost by department. */
import { CsvWriter } from './csv.ts';
import { DISTRICT_NAMES, DISTRICT_SHARES } from './divisions.ts';
import { choice, Weighted } from './random.ts';
import type { Random } from './random.ts';
import { REGISTER_YEAR } from './residents.ts';
import type { Residents } from './residents.ts';

/** Declared as `maxRowsPerUnit` in the manifest. */
export const MAX_VISITS = 40;
/** P(k visits) ∝ (k + 1)^−1.36 for k ≤ 40 has mean 5. */
const VISITS = new Weighted(Array.from({ length: MAX_VISITS + 1 }, (_, k) => (k + 1) ** -1.36));

type Department = '内科' | '外科' | '妇产科' | '眼科' | '口腔科' | '中医科' | '皮肤科' | '急诊科' | '康复科' | '精神科';

const YOUNG = choice<Department>([['内科', 30], ['外科', 14], ['眼科', 8], ['口腔科', 15], ['中医科', 7], ['皮肤科', 12], ['急诊科', 9], ['康复科', 2], ['精神科', 3]]);
const OLD = choice<Department>([['内科', 46], ['外科', 12], ['眼科', 10], ['口腔科', 6], ['中医科', 12], ['皮肤科', 3], ['急诊科', 5], ['康复科', 5], ['精神科', 1]]);
const MOTHER = choice<Department>([['内科', 22], ['外科', 9], ['妇产科', 32], ['眼科', 6], ['口腔科', 11], ['中医科', 7], ['皮肤科', 8], ['急诊科', 4], ['精神科', 1]]);
/** Median cost in yuan. */
const COST: Record<Department, number> = {
  内科: 210, 外科: 260, 妇产科: 290, 眼科: 190, 口腔科: 340, 中医科: 230, 皮肤科: 160, 急诊科: 380, 康复科: 420, 精神科: 280,
};
const MAX_COST = 50_000;
const HOME_SHARE = 0.75;
/** Where people go who do not stay at home: the hospitals of the centre. */
const HOSPITALS = new Weighted(DISTRICT_SHARES.map((share, d) => share * ([6, 5, 2, 3, 1, 1, 0.6, 0.6, 0.4, 0.4][d] as number)));

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
const DATES = Array.from({ length: 366 }, (_, d) => new Date(Date.UTC(REGISTER_YEAR, 0, 1 + d)).toISOString().slice(0, 10));
/** Winter is busier, Sundays are quieter. */
const DATE = new Weighted(DATES.map((date) => {
  const month = Number(date.slice(5, 7));
  const season = month <= 2 || month >= 11 ? 1.3 : month >= 6 && month <= 8 ? 0.85 : 1;
  return season * (new Date(`${date}T00:00:00Z`).getUTCDay() === 0 ? 0.55 : 1);
}));
const TIMES = Array.from({ length: 24 * 60 }, (_, m) => `${two(Math.floor(m / 60))}:${two(m % 60)}:00`);
const TIME = new Weighted(TIMES.map((_, m) => (m >= 480 && m < 690 ? 5 : m >= 810 && m < 1020 ? 3.5 : m >= 420 && m < 1260 ? 0.6 : 0.08)));

/** Writes `visits.csv` in no particular order. @param count at most 40 for each resident, else RangeError */
export function writeVisits(path: string, count: number, residents: Residents, random: Random): void {
  const file = new CsvWriter(path, ['person_id', 'visited_at', 'district', 'department', 'cost', 'self_paid']);
  for (const person of visitors(count, residents, random)) {
    const age = REGISTER_YEAR - (residents.birthYear[person] as number);
    const department = age >= 60 ? OLD(random) : residents.male[person] === 0 && age >= 20 && age < 50 ? MOTHER(random) : YOUNG(random);
    const district = random.unit() < HOME_SHARE ? (residents.district[person] as number) : HOSPITALS.draw(random);
    const fen = Math.min(MAX_COST * 100, Math.max(100, Math.round(COST[department] * 100 * (1 + age / 200) * Math.exp(0.8 * random.normal()))));
    const selfPaid = Math.round(fen * (0.15 + 0.5 * random.unit()));
    file.row(`${residents.id(person)},${DATES[DATE.draw(random)]} ${TIMES[TIME.draw(random)]},${DISTRICT_NAMES[district]},${department},${yuan(fen)},${yuan(selfPaid)}`);
  }
  file.close();
}

function yuan(fen: number): string {
  return `${Math.floor(fen / 100)}.${two(fen % 100)}`;
}

/** Index of a resident for each visit, shuffled; exactly `count` of them. */
function visitors(count: number, residents: Residents, random: Random): Uint32Array {
  if (count > residents.count * MAX_VISITS) throw new RangeError(`at most ${MAX_VISITS} visits for each resident`);
  const visits = new Uint8Array(residents.count);
  const factor = count / (residents.count * 5);
  let total = 0;
  for (let i = 0; i < residents.count; i++) {
    const drawn = VISITS.draw(random) * factor;
    visits[i] = Math.min(MAX_VISITS, Math.floor(drawn + random.unit()));
    total += visits[i] as number;
  }
  while (total !== count) {
    const i = random.below(residents.count);
    const step = total < count ? 1 : -1;
    const next = (visits[i] as number) + step;
    if (next < 0 || next > MAX_VISITS) continue;
    visits[i] = next;
    total += step;
  }
  const order = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < residents.count; i++) for (let n = visits[i] as number; n > 0; n--) order[at++] = i;
  random.shuffle(order);
  return order;
}
