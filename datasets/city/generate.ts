/**
 * Generates the demonstration city: the CSV files that `dataset.json` names, beside a copy of it. No row describes anybody.
 *
 *     node datasets/city/generate.ts [--out var/datasets/city] [--scale 1] [--seed 1]
 *
 * The same seed and sizes give the same bytes.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
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

/** Scale 1. */
export const CITY: CitySize = { residents: 200_000, enterprises: 20_000, visits: 1_000_000 };

export interface CityOptions {
  /** Created where missing; files in it are overwritten. */
  readonly directory: string;
  readonly seed?: number;
  readonly size?: CitySize;
  /** Called when a table is written. */
  readonly onTable?: (table: string, rows: number) => void;
}

/** `CITY` times a factor > 0; at least one row of each. */
export function scaled(factor: number): CitySize {
  const times = (n: number): number => Math.max(1, Math.round(n * factor));
  return { residents: times(CITY.residents), enterprises: times(CITY.enterprises), visits: times(CITY.visits) };
}

/** Copied as they are: the manifest, the hierarchy of divisions, the public table of industries. */
const STATIC_FILES = ['dataset.json', 'divisions.csv', 'industries.csv'] as const;

export function generateCity({ directory, seed = 1, size = CITY, onTable }: CityOptions): void {
  mkdirSync(directory, { recursive: true });
  for (const file of STATIC_FILES) copyFileSync(new URL(file, import.meta.url), join(directory, file));
  const streets = readStreets();

  const residents = writeResidents(join(directory, 'residents.csv'), size.residents, streets, new Random(seed, 'residents'));
  onTable?.('residents', residents.count);
  const enterprises = writeEnterprises(join(directory, 'enterprises.csv'), size.enterprises, streets, new Random(seed, 'enterprises'));
  onTable?.('enterprises', enterprises.count);
  const employed = writeEmployments(join(directory, 'employments.csv'), residents, enterprises, new Random(seed, 'employments'));
  onTable?.('employments', employed);
  writeVisits(join(directory, 'visits.csv'), size.visits, residents, new Random(seed, 'visits'));
  onTable?.('visits', size.visits);
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
