/** A small city for tests of the gate: residents, their visits, enterprises, and a public table of districts. */
import { Manifest } from '#contract/manifest.ts';
import type { Data } from './tables.ts';

export const CITY = Manifest.parse({
  id: 'city',
  tables: {
    residents: {
      file: 'r.csv', units: { person: 'person_id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        person_id: { type: 'varchar', role: 'unit' },
        name: { type: 'varchar', role: 'identifier' },
        district: { type: 'varchar', role: 'quasi', domain: ['east', 'west', 'north', 'south'], references: 'districts.code' },
        birth_year: { type: 'smallint', role: 'quasi', min: '1930', max: '2010' },
        income: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000', nullable: true },
        score: { type: 'double', role: 'sensitive', nullable: true },
        savings: { type: 'decimal(12,2)', role: 'sensitive', nullable: true },
        moved: { type: 'date', role: 'quasi', nullable: true },
        employed: { type: 'boolean', role: 'quasi' },
      },
    },
    visits: {
      file: 'v.csv', units: { person: 'person_id' },
      columns: {
        person_id: { type: 'varchar', role: 'unit', references: 'residents.person_id' },
        visit_id: { type: 'integer', role: 'plain' },
        kind: { type: 'varchar', role: 'quasi', domain: ['clinic', 'library', 'pool'] },
        cost: { type: 'decimal(8,2)', role: 'sensitive', min: '0', max: '10000' },
        at: { type: 'timestamp', role: 'quasi' },
      },
    },
    items: {
      file: 'i.csv', units: { person: 'visit_id' },
      columns: {
        visit_id: { type: 'integer', role: 'plain', references: 'visits.visit_id' },
        price: { type: 'integer', role: 'sensitive', min: '0', max: '1000' },
      },
    },
    enterprises: {
      file: 'e.csv', units: { enterprise: 'code' }, maxRowsPerUnit: { enterprise: 1 },
      columns: { code: { type: 'varchar', role: 'unit' }, industry: { type: 'varchar', role: 'quasi' }, capital: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000000' } },
    },
    jobs: {
      file: 'j.csv', units: { person: 'person_id', enterprise: 'code' },
      columns: { person_id: { type: 'varchar', role: 'unit' }, code: { type: 'varchar', role: 'unit' }, wage: { type: 'integer', role: 'sensitive', min: '0', max: '100000' } },
    },
    districts: { file: 'd.csv', columns: { code: { type: 'varchar', role: 'plain' }, region: { type: 'varchar', role: 'plain' }, area: { type: 'integer', role: 'plain' } } },
  },
});

const text = (value: string): string => `'${value}'`;

/** Deterministic: `n` residents, with gaps, ties and NULLs. */
export function cityData(n = 60): Data {
  const residents: string[][] = [];
  const visits: string[][] = [];
  const items: string[][] = [];
  const jobs: string[][] = [];
  for (let i = 0; i < n; i++) {
    const district = ['east', 'west', 'north', 'east', 'west'][i % 5] ?? 'east';
    residents.push([
      text(`P${i}`), text(`Name ${i}`), i % 17 === 16 ? 'NULL' : text(district), String(1930 + ((i * 13) % 80)), i % 7 === 6 ? 'NULL' : String((i * 7919) % 90_000),
      i % 11 === 10 ? 'NULL' : `${(i * 31) % 100}.${i % 10}5`, i % 9 === 8 ? 'NULL' : `${(i * 113) % 5000 - 1000}.${10 + (i % 90)}`, i % 6 === 5 ? 'NULL' : `DATE '20${10 + (i % 12)}-0${1 + (i % 9)}-1${i % 9}'`, String(i % 3 !== 0),
    ]);
    for (let v = 0; v < i % 4; v++) {
      const id = visits.length;
      visits.push([text(`P${i}`), String(id), text(['clinic', 'library', 'pool'][(i + v) % 3] ?? 'pool'), `${(i * 7 + v * 13) % 300}.${10 + v}`, `TIMESTAMP '2023-0${1 + ((i + v) % 9)}-1${v} 08:3${v}:00'`]);
      for (let k = 0; k < (i + v) % 3; k++) items.push([String(id), String((i * 11 + k * 17) % 500)]);
    }
    if (i % 3 === 0) jobs.push([text(`P${i}`), text(`E${i % 8}`), String(1000 + i * 37)]);
  }
  return {
    residents, visits, items, jobs,
    enterprises: Array.from({ length: 8 }, (_, i) => [text(`E${i}`), text(['steel', 'food', 'trade'][i % 3] ?? 'trade'), String(1_000_000 * (i + 1))]),
    districts: [['east', 'coast', '12'], ['west', 'hills', '40'], ['north', 'coast', '25'], ['south', 'hills', '31']].map(([code = '', region = '', area = '']) => [text(code), text(region), area]),
  };
}
