/**
 * `npm run bench`: answers the questions that the design promises numbers for, each in a file of its own.
 *
 *     npm run bench [-- ratio gate …] [--full | --smoke] [--json]
 *
 * Without names all of them. `--full`: ten million rows. `--json`: the reports as one JSON document on standard output; what
 * is readable goes to standard error then.
 */
import { availableParallelism, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { engineVersion } from '#sandbox/engine/version.ts';
import { show, type Report } from './measure.ts';
import { SCALES, type Scale } from './scale.ts';

type Bench = (scale: Scale) => Promise<Report>;

const BENCHES = {
  ratio: async (scale) => (await import('./ratio.ts')).ratios(scale),
  jobs: async (scale) => (await import('./jobs.ts')).jobs(scale),
  store: async (scale) => (await import('./store.ts')).store(scale),
  gate: async (scale) => (await import('./gate.ts')).gate(scale),
  ledger: async (scale) => (await import('./ledger.ts')).ledger(scale),
  secondary: async (scale) => (await import('./secondary.ts')).secondary(scale),
  growth: async (scale) => (await import('./growth.ts')).growth(scale),
  hostile: async (scale) => (await import('./hostile.ts')).hostile(scale),
  withdrawals: async (scale) => (await import('./withdrawals.ts')).withdrawals(scale),
} as const satisfies Record<string, Bench>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false }, smoke: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.\n`);
  process.exit(2);
}
const scale = values.full ? SCALES.full : values.smoke ? SCALES.smoke : SCALES.default;
const say = (text: string): void => void (values.json ? process.stderr : process.stdout).write(text);
const machine = { cores: availableParallelism(), memoryBytes: totalmem(), node: process.version, engine: engineVersion() };
say(`${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, Node ${machine.node}, ${machine.engine}; scale: ${scale.name}\n`);
const reports: Report[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const answer = await bench(scale);
  reports.push(answer);
  say(show(answer));
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine, scale, reports }, null, 2)}\n`);
