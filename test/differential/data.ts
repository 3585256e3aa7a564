/** A small world with two kinds of unit, and data for it that are as awkward as its declarations permit. */
import { Manifest } from '#contract/manifest.ts';
import type { Data } from '../support/sql/tables.ts';
import type { Tape } from './tape.ts';

export const LAB = Manifest.parse({
  id: 'lab',
  tables: {
    people: {
      file: 'p.csv', units: { person: 'person_id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        person_id: { type: 'varchar', role: 'unit' },
        region: { type: 'varchar', role: 'quasi', references: 'places.code', nullable: true },
        born: { type: 'smallint', role: 'quasi', min: '1900', max: '2020' },
        income: { type: 'bigint', role: 'sensitive', min: '-1000000', max: '1000000000', nullable: true },
        huge: { type: 'bigint', role: 'sensitive', nullable: true },
        score: { type: 'double', role: 'sensitive', nullable: true },
        savings: { type: 'decimal(12,2)', role: 'sensitive', nullable: true },
        moved: { type: 'date', role: 'quasi', nullable: true },
        seen: { type: 'timestamp', role: 'quasi', nullable: true },
        member: { type: 'boolean', role: 'quasi', nullable: true },
        note: { type: 'varchar', role: 'quasi', nullable: true },
      },
    },
    visits: {
      file: 'v.csv', units: { person: 'person_id' },
      columns: {
        person_id: { type: 'varchar', role: 'unit', references: 'people.person_id' },
        visit_id: { type: 'integer', role: 'plain' },
        kind: { type: 'varchar', role: 'quasi', domain: ['clinic', 'library', 'pool'] },
        cost: { type: 'decimal(8,2)', role: 'sensitive', min: '0', max: '10000', nullable: true },
        minutes: { type: 'integer', role: 'sensitive', min: '0', max: '1440', nullable: true },
        day: { type: 'date', role: 'quasi' },
      },
    },
    works: {
      file: 'w.csv', units: { person: 'person_id', firm: 'firm_id' },
      columns: { person_id: { type: 'varchar', role: 'unit', references: 'people.person_id' }, firm_id: { type: 'varchar', role: 'unit', references: 'firms.firm_id' }, wage: { type: 'integer', role: 'sensitive', nullable: true }, since: { type: 'date', role: 'quasi', nullable: true } },
    },
    firms: {
      file: 'f.csv', units: { firm: 'firm_id' }, maxRowsPerUnit: { firm: 1 },
      columns: { firm_id: { type: 'varchar', role: 'unit' }, industry: { type: 'varchar', role: 'quasi', nullable: true }, capital: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000000000', nullable: true } },
    },
    places: { file: 'd.csv', columns: { code: { type: 'varchar', role: 'plain' }, part: { type: 'varchar', role: 'plain' }, area: { type: 'integer', role: 'plain', nullable: true }, rate: { type: 'double', role: 'plain', nullable: true } } },
  },
});

const REGIONS = [`'east'`, `'west'`, `'市北'`, 'NULL', `'nowhere'`];
const BORN = ['1980', '1900', '2020', '1999', '1950'];
const INCOME = ['100', '0', '-1000000', '1000000000', 'NULL', '7', '100'];
const HUGE = ['5', '9223372036854775807', '-9223372036854775808', '0', 'NULL', '-1', '4611686018427387904'];
const SCORE = ['1.5', '0', '-0.000001', '123456.789012', 'NULL', '-987654.5', '0.1', '0.2'];
const SAVINGS = ['10.00', '0.00', '-0.01', '9999999999.99', '-9999999999.99', 'NULL', '12.34'];
const DATES = ['2020-02-29', '1970-01-01', '0001-01-01', '9999-12-31', '2023-12-31', '2024-01-01', '1969-12-31'].map((day) => `DATE '${day}'`);
const MOMENTS = ['2020-02-29 12:34:56', '1970-01-01 00:00:00', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999', '2023-12-31 23:59:59', '1969-12-31 23:59:59.5'].map((at) => `TIMESTAMP '${at}'`);
const NOTES = [`'plain'`, `''`, `'NULL'`, 'NULL', `'李雷 ß İ'`, `'a%b_c'`, `'it''s "q" \\'`, `'👩‍👩‍👧 é'`, `'  pad  '`, `'12'`, `'PLAIN'`, `'2020-01-01'`];
const BOOLEANS = ['true', 'false', 'NULL'];

/** Rows in SQL text. Zero people, units without rows, equal rows and NULLs in every nullable column all happen. */
export function makeData(tape: Tape): Data {
  const people = tape.pick([6, 0, 1, 25, 60]);
  const firms = tape.pick([3, 0, 1]);
  const id = (kind: string, i: number): string => `'${kind}${i}'`;
  const many = (most: number): number => tape.pick([1, 0, 2, most]);
  const visits: string[][] = [];
  const works: string[][] = [];
  const rows = Array.from({ length: people }, (_, i) => {
    for (let v = many(5); v > 0; v--) visits.push([id('P', i), String(visits.length), tape.pick([`'clinic'`, `'library'`, `'pool'`]), tape.pick(['1.00', '0.00', '10000.00', 'NULL', '0.01', '12.50']), tape.pick(['30', '0', '1440', 'NULL', '7']), tape.pick(DATES)]);
    for (let w = firms === 0 ? 0 : many(2); w > 0; w--) works.push([id('P', i), id('F', tape.below(firms)), tape.pick(['1000', '0', '2147483647', '-2147483648', 'NULL']), tape.pick(['NULL', ...DATES])]);
    return [id('P', i), tape.pick(REGIONS), tape.pick(BORN), tape.pick(INCOME), tape.pick(HUGE), tape.pick(SCORE), tape.pick(SAVINGS), tape.pick(['NULL', ...DATES]), tape.pick(['NULL', ...MOMENTS]), tape.pick(BOOLEANS), tape.pick(NOTES)];
  });
  const places = [[`'east'`, `'coast'`, '12', '0.5'], [`'west'`, `'hills'`, 'NULL', '-1.25'], [`'市北'`, `'coast'`, '25', 'NULL'], [`'south'`, `'hills'`, '2147483647', '1234567.5']];
  return {
    people: rows, visits, works,
    firms: Array.from({ length: firms }, (_, i) => [id('F', i), tape.pick([`'steel'`, `'food'`, 'NULL']), tape.pick(['1000000000000', '0', 'NULL', '5'])]),
    places: tape.once(8) ? [] : places,
  };
}
