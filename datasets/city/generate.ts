/**
 * Generates the demonstration city: the CSV files that `dataset.json` names, beside a copy of it. No row describes anybody.
 *
 *     node datasets/city/generate.ts [--out var/datasets/city] [--scale 1] [--seed 1]
 *
 * The same seed and sizes give the same bytes.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readStreets } from './divisions.ts';
import { writeEmployments } from './employments.ts';
import { writeEnterprises } from './enterprises.ts';
import { Random } from './random.ts';
import { writeResidents } from './residents.ts';
import { writeVisits } from './visits.ts';

export interface CitySize {
  readonly residents: number;
  readonly enterprises: number;
  readonly visits: number;
}

export type CityTable = 'residents' | 'enterprises' | 'employments' | 'visits' | 'industries';
const TABLES: readonly CityTable[] = ['residents', 'enterprises', 'employments', 'visits', 'industries'];

/** Scale 1. */
export const CITY: CitySize = { residents: 200_000, enterprises: 20_000, visits: 1_000_000 };

export interface CityOptions {
  /** Created where missing; files in it are overwritten. */
  readonly directory: string;
  readonly seed?: number;
  readonly size?: CitySize;
  /** Only these tables, and a manifest without the others; all where left out. */
  readonly tables?: readonly CityTable[];
  /** Called when a table is written. */
  readonly onTable?: (table: string, rows: number) => void;
}

/** `CITY` times a factor > 0; at least one row of each. */
export function scaled(factor: number): CitySize {
  const times = (n: number): number => Math.max(1, Math.round(n * factor));
  return { residents: times(CITY.residents), enterprises: times(CITY.enterprises), visits: times(CITY.visits) };
}

export function generateCity({ directory, seed = 1, size = CITY, tables = TABLES, onTable = () => {} }: CityOptions): void {
  mkdirSync(directory, { recursive: true });
  const path = (table: CityTable): string => join(directory, `${table}.csv`);
  const random = (table: CityTable): Random => new Random(seed, table);
  writeManifest(join(directory, 'dataset.json'), tables);
  copyFileSync(new URL('divisions.csv', import.meta.url), join(directory, 'divisions.csv'));
  if (tables.includes('industries')) copyFileSync(new URL('industries.csv', import.meta.url), path('industries'));

  // Residents and enterprises are drawn even where nobody wants their file: the other tables speak of them.
  const streets = readStreets();
  const residents = writeResidents(path('residents'), size.residents, streets, random('residents'));
  onTable('residents', residents.count);
  if (tables.includes('enterprises') || tables.includes('employments')) {
    const enterprises = writeEnterprises(path('enterprises'), size.enterprises, streets, random('enterprises'));
    onTable('enterprises', enterprises.count);
    if (tables.includes('employments')) onTable('employments', writeEmployments(path('employments'), residents, enterprises, random('employments')));
  }
  if (tables.includes('visits')) {
    writeVisits(path('visits'), size.visits, residents, random('visits'));
    onTable('visits', size.visits);
  }
}

function writeManifest(path: string, tables: readonly CityTable[]): void {
  const manifest = JSON.parse(readFileSync(new URL('dataset.json', import.meta.url), 'utf8')) as { tables: Record<string, unknown> };
  manifest.tables = Object.fromEntries(Object.entries(manifest.tables).filter(([name]) => (tables as readonly string[]).includes(name)));
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

function main(): void {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'var/datasets/city' }, scale: { type: 'string', default: '1' }, seed: { type: 'string', default: '1' } },
  });
  const scale = Number(values.scale);
  const seed = Number(values.seed);
  if (!(scale > 0 && scale <= 50)) throw new RangeError('--scale must be above 0 and at most 50');
  if (!Number.isInteger(seed)) throw new RangeError('--seed must be a whole number');
  const directory = resolve(values.out);
  generateCity({
    directory, seed, size: scaled(scale),
    onTable: (table, rows) => process.stderr.write(`${table.padEnd(12)} ${rows.toLocaleString('en').padStart(10)} rows\n`),
  });
  process.stderr.write(`written to ${directory}\n`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main();
