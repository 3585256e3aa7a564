/** Employments: one for each employed resident, at an enterprise drawn in proportion to its size. Protects two parties at once. */
import { CsvWriter } from './csv.ts';
import { WAGE_FACTORS } from './enterprises.ts';
import type { Enterprises } from './enterprises.ts';
import { choice, Weighted } from './random.ts';
import type { Random } from './random.ts';
import { REGISTER_YEAR } from './residents.ts';
import type { Residents } from './residents.ts';

const contract = choice<string>([['固定期限', 70], ['无固定期限', 22], ['以完成一定任务为期限', 8]]);
/** Yuan a month. */
const MEDIAN_WAGE = 6_200;
const MIN_WAGE = 2_010;
const MAX_WAGE = 300_000;

export function writeEmployments(path: string, residents: Residents, enterprises: Enterprises, random: Random): number {
  const file = new CsvWriter(path, ['person_id', 'credit_code', 'since_year', 'contract', 'wage']);
  const employer = new Weighted(enterprises.employees);
  for (let person = 0; person < residents.count; person++) {
    if (residents.employed[person] === 0) continue;
    const enterprise = employer.draw(random);
    const age = REGISTER_YEAR - (residents.birthYear[person] as number);
    const since = REGISTER_YEAR - Math.min(age - 17, Math.floor(-6 * Math.log(1 - random.unit())));
    const factor = (WAGE_FACTORS[enterprises.industry[enterprise] as number] as number) * (enterprises.employees[enterprise] as number) ** 0.06;
    const wage = Math.min(MAX_WAGE, Math.max(MIN_WAGE, MEDIAN_WAGE * factor * Math.exp(0.42 * random.normal())));
    file.row(`${residents.id(person)},${enterprises.code(enterprise)},${since},${contract(random)},${wage.toFixed(2)}`);
  }
  file.close();
  return file.rows;
}
