/** How long does it take to look back over everything released before? */
import { Memory, type RememberedCell } from '#sandbox/ledger/memory.ts';
import { SKETCH_WORDS } from '#sandbox/ledger/sketch.ts';
import { ms, report, type Report } from './measure.ts';
import type { Scale } from './scale.ts';

const SERIES = 'person: rows';
const STRIP = 10_000;
/** A minimum of 10 units. */
const SLACK = 9;

export const ledger = (scale: Scale): Promise<Report> => report(
  'How long does it take to look back over everything released before?',
  'Remembered cells with sizes log-uniform from 10 to a million units; then a table of 10,000 cells, half of which were released before. The aim: under 1 s and 200 MiB at a million.',
  async () => [{ title: 'disclosure ledger, in memory', columns: ['remembered', 'fill ms', 'sort ms', 'table ms', 'hit µs', 'miss µs', 'found', 'MiB'], rows: [measure(scale.name === 'smoke' ? 20_000 : 1_000_000)] }],
);

function measure(remembered: number): readonly number[] {
  const cell = cells();
  const before = process.memoryUsage().arrayBuffers;
  const memory = new Memory<{ series: string }>();
  const known: RememberedCell[] = [];
  const filling = performance.now();
  for (let strip = 0; strip < remembered / STRIP; strip++) {
    const added = Array.from({ length: STRIP }, cell);
    memory.add({ series: SERIES }, added);
    known.push(...added.slice(0, (5_000 * STRIP) / remembered));
  }
  const fill = performance.now() - filling;
  const fresh = Array.from({ length: 5_000 }, cell);
  // The first question sorts what has been added.
  const [sort] = ask(memory, fresh.slice(0, 1));
  const [hits, found] = ask(memory, known);
  const [misses] = ask(memory, fresh);
  const mebibytes = (process.memoryUsage().arrayBuffers - before) / 2 ** 20;
  return [memory.length, ms(fill), ms(sort), ms(hits + misses), ms((1000 * hits) / known.length), ms((1000 * misses) / fresh.length), found, Math.round(mebibytes)];
}

function ask(memory: Memory<{ series: string }>, asked: readonly RememberedCell[]): readonly [number, number] {
  const began = performance.now();
  const found = asked.reduce((sum, one) => sum + memory.neighbours(SERIES, one, SLACK).filter(({ equal }) => equal).length, 0);
  return [performance.now() - began, found];
}

/** Cells from a small generator: the same in every run. */
function cells(): (value: unknown, i: number) => RememberedCell {
  let state = 1;
  const random = (): number => (state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) | 0) >>> 0;
  return (_, i) => ({
    key: `["区县${i % 300}","[${1900 + (i % 100)},..)"]`,
    units: Math.round(10 ** (1 + 5 * (random() / 2 ** 32))),
    fingerprint: (BigInt(random()) << 32n) | BigInt(random()),
    sketch: Uint32Array.from({ length: SKETCH_WORDS }, random),
    value: BigInt(random()),
  });
}
