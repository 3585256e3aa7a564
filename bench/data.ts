/**
 * Data for benchmarks: the demonstration city at ten million rows, made once and kept below `var/bench`.
 * `persons`: ten million residents, declared one row per unit. `visits`: ten million visits of two million residents,
 * declared at most 40 rows per unit.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { generateCity } from '../datasets/city/generate.ts';
import type { CityOptions } from '../datasets/city/generate.ts';

export type BenchData = 'persons' | 'visits' | 'demo';

const MADE = {
  persons: { size: { residents: 10_000_000, enterprises: 1, visits: 0 }, tables: ['residents'] },
  visits: { size: { residents: 2_000_000, enterprises: 1, visits: 10_000_000 }, tables: ['residents', 'visits'] },
  /** The city as the demonstration has it, all tables. */
  demo: {},
} as const satisfies Record<BenchData, Omit<CityOptions, 'directory'>>;

/** Directory with manifest and files; made where missing, which takes about a minute for the large ones. */
export function benchData(which: BenchData, directory = resolve('var/bench')): string {
  const target = join(directory, which);
  // Written last: what an interrupted run left behind is made again.
  const complete = join(target, '.complete');
  if (!existsSync(complete)) {
    mkdirSync(target, { recursive: true });
    generateCity({ directory: target, ...MADE[which] });
    writeFileSync(complete, '');
  }
  return target;
}
