/**
 * Under the policy `open` the gate answers what plain DuckDB answers, on random queries over random data. The seed is fixed
 * here, so that the same program is judged alike on every machine; it is printed, and SLUICE_DIFFERENTIAL_SEED sets another.
 * A long run with a seed of its own: `npm run test:differential`.
 */
import { expect, test } from 'vitest';
import { acceptance, asked, compareMany, summary } from './run.ts';

const seed = Number(process.env['SLUICE_DIFFERENTIAL_SEED'] ?? 20_261_122);
const worlds = Number(process.env['SLUICE_DIFFERENTIAL_WORLDS'] ?? 40);

test(`accepted queries are answered as by plain DuckDB (seed ${seed})`, async () => {
  const counts = await compareMany({ seed, worlds, queries: 12, path: process.env['SLUICE_DIFFERENTIAL_PATH'] });
  console.info(`differential test, seed ${seed}: ${summary(counts)}`);
  expect(acceptance(counts)).toBeGreaterThan(0.8);
  expect(counts.rawFails / asked(counts)).toBeLessThan(0.2);
}, 1_800_000);
