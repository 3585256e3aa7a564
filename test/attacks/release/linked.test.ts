/**
 * A number that the policy withholds, worked out from others of the same query: by a margin, a level of a hierarchy, a band, a
 * part of a date, a filter, its complement, or a condition inside an aggregate. Without secondary suppression every attack
 * gives the exact number; with it none does.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, numbers, type Answer } from './trial.ts';

/** Street → how many live there. 西街 is the target: 4 people. */
const STREETS = { 东街: 30, 西街: 4, 南街: 25, 北街: 40, 中街: 22 } as const;
const DISTRICT = { 东街: '甲', 西街: '甲', 南街: '乙', 北街: '乙', 中街: '丙' } as const;
let id = 0;
const PEOPLE = Object.entries(STREETS).flatMap(([street, n]) => Array.from({ length: n }, (_, i) => ({
  id: `p${id++}`, street, district: DISTRICT[street as keyof typeof DISTRICT],
  // Six people are younger than 30; seven moved in November 2020.
  age: street === '北街' && i < 6 ? 25 : 35 + (i % 20), moved: street === '中街' && i < 7 ? '2020-11-05' : `${2020 + (i % 2)}-0${1 + (i % 3)}-11`,
  sex: street === '南街' && i < 5 ? 'x' : i % 2 === 0 ? 'f' : 'm', income: 100 + i,
})));
const MADE = {
  table: {
    file: 't.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
    columns: {
      id: { type: 'varchar', role: 'unit' },
      street: { type: 'varchar', role: 'quasi', hierarchy: 'streets.csv', domain: Object.keys(STREETS), nullable: false },
      age: { type: 'integer', role: 'quasi', min: '0', max: '120', nullable: false },
      moved: { type: 'date', role: 'quasi', min: '2020-01-01', max: '2021-12-31', nullable: false },
      sex: { type: 'varchar', role: 'quasi', domain: ['f', 'm', 'x'], nullable: false },
      town: { type: 'varchar', role: 'quasi', nullable: false },
      income: { type: 'integer', role: 'sensitive', min: '0', max: '1000', nullable: false },
    },
  },
  files: {
    't.csv': `id,street,age,moved,sex,town,income\n${PEOPLE.map((p) => `${p.id},${p.street},${p.age},${p.moved},${p.sex},${p.street === '西街' ? 'small' : 'large'},${p.income}`).join('\n')}\n`,
    'streets.csv': `street,district\n${Object.entries(DISTRICT).map(([street, district]) => `${street},${district}`).join('\n')}\n`,
  },
};
const DIMENSIONS = {
  't.street': { levels: ['street', 'district'] }, 't.age': { bands: [30, 50] }, 't.moved': { levels: ['month', 'year'] }, 't.sex': { categories: 'all' }, 't.town': { categories: 'all' },
};

type Found = (value: (name: string) => number | null) => number | null;
const minus = (whole: number | null, ...parts: readonly (number | null)[]): number | null =>
  parts.reduce<number | null>((left, part) => (left === null || part === null ? null : left - part), whole);

interface Attack {
  readonly sql: string;
  /** From what was answered to the withheld number. */
  readonly found: Found;
  readonly truth: number;
}

const one = (name: string, sql: string): string => `SELECT '${name}' AS what, (${sql}) AS n`;
const all = (...parts: readonly string[]): string => parts.join(' UNION ALL ');
const younger = PEOPLE.filter(({ age }) => age < 30).length;
const november = PEOPLE.filter(({ moved }) => moved === '2020-11-05').length;

const ATTACKS: Readonly<Record<string, Attack>> = {
  'margin minus cells': {
    sql: all('SELECT street, count(*) AS n FROM t GROUP BY street', one('all', 'SELECT count(*) FROM t')),
    found: (n) => minus(n('all'), n('东街'), n('南街'), n('北街'), n('中街')), truth: 4,
  },
  'a coarser level of the hierarchy': {
    sql: all('SELECT street, count(*) AS n FROM t GROUP BY street', 'SELECT district, count(*) AS n FROM t GROUP BY district'),
    found: (n) => minus(n('甲'), n('东街')), truth: 4,
  },
  'a filter by the coarser level': {
    sql: all('SELECT street, count(*) AS n FROM t GROUP BY street', one('in 甲', `SELECT count(*) FROM t WHERE district = '甲'`)),
    found: (n) => minus(n('in 甲'), n('东街')), truth: 4,
  },
  'the complement by filters': {
    sql: all(one('all', 'SELECT count(*) FROM t'), one('others', `SELECT count(*) FROM t WHERE street <> '西街'`), one('target', `SELECT count(*) FROM t WHERE street = '西街'`)),
    found: (n) => minus(n('all'), n('others')), truth: 4,
  },
  'the complement of a value that nobody declared': {
    sql: all(one('all', 'SELECT count(*) FROM t'), one('others', `SELECT count(*) FROM t WHERE town <> 'small'`), one('target', `SELECT count(*) FROM t WHERE town = 'small'`)),
    found: (n) => minus(n('all'), n('others')), truth: 4,
  },
  'three overlapping filters': {
    sql: all(
      one('all', 'SELECT count(*) FROM t'), one('target', `SELECT count(*) FROM t WHERE street = '西街'`),
      one('甲', `SELECT count(*) FROM t WHERE street IN ('东街', '西街')`), one('东乙', `SELECT count(*) FROM t WHERE street IN ('东街', '南街', '北街')`), one('乙', `SELECT count(*) FROM t WHERE district = '乙'`),
    ),
    found: (n) => minus(n('甲'), minus(n('东乙'), n('乙'))), truth: 4,
  },
  'bands and their edges': {
    sql: all('SELECT age_band, count(*) AS n FROM t GROUP BY age_band', one('from 30', 'SELECT count(*) FROM t WHERE age >= 30'), one('all', 'SELECT count(*) FROM t')),
    found: (n) => minus(n('all'), n('from 30')), truth: younger,
  },
  'months and years': {
    sql: all(`SELECT CAST(date_trunc('month', moved) AS VARCHAR), count(*) AS n FROM t GROUP BY ALL`, 'SELECT CAST(year(moved) AS VARCHAR), count(*) AS n FROM t GROUP BY ALL'),
    found: (n) => minus(n('2020'), ...[1, 2, 3].map((month) => n(`2020-0${month}-01 00:00:00`))), truth: november,
  },
  'conditions inside aggregates': {
    sql: all('SELECT sex, count(*) AS n FROM t GROUP BY sex', one('f', `SELECT count(*) FILTER (WHERE sex = 'f') FROM t`), one('not x', `SELECT count(CASE WHEN sex <> 'x' THEN 1 END) FROM t`), one('all', 'SELECT count(*) FROM t')),
    found: (n) => minus(n('all'), n('not x')), truth: 5,
  },
  'totals by filter': {
    sql: all('SELECT street, sum(income) AS n FROM t GROUP BY street', one('in 甲', `SELECT sum(income) FROM t WHERE district = '甲'`)),
    found: (n) => minus(n('in 甲'), n('东街')), truth: 406,
  },
};

describe.each([['the policy’s grid', DIMENSIONS], ['any dimension', 'any']] as const)('%s', (_, dimensions) => {
  let open: ReadonlyMap<string, Answer>;
  let safe: ReadonlyMap<string, Answer>;
  const possible = Object.entries(ATTACKS).filter(([name]) => dimensions !== 'any' || !['bands and their edges'].includes(name));
  beforeAll(() => {
    const questions = Object.fromEntries(possible.map(([name, { sql }]) => [name, sql]));
    open = ask(MADE, { dimensions, secondary: 'none' }, questions);
    safe = ask(MADE, { dimensions, secondary: 'required' }, questions);
  });

  test.each(possible)('%s', (name, { found, truth }) => {
    const read = (answers: ReadonlyMap<string, Answer>): number | null => {
      const values = numbers(answers.get(name));
      return found((key) => values.get(key) ?? null);
    };
    expect(read(open)).toBe(truth);
    expect(read(safe)).toBeNull();
  });
});
