/** The comparison, run for a number of data sets: counted, shrinkable, and with its seed said. */
import fc from '../support/fast-check.ts';
import { makeData } from './data.ts';
import { query } from './queries.ts';
import { Tape } from './tape.ts';
import { World } from './world.ts';

export interface Counts {
  same: number;
  refused: number;
  rawFails: number;
  /** Queries by code of refusal. */
  readonly codes: Map<string, number>;
  /** One refused query for each code. */
  readonly examples: Map<string, string>;
}

export interface Run {
  readonly seed: number;
  readonly worlds: number;
  /** Queries on each data set. */
  readonly queries: number;
  /** Where a failure shrank to, as fast-check said it (`path`). */
  readonly path?: string | undefined;
}

const numbers = (length: number): fc.Arbitrary<number[]> => fc.noBias(fc.array(fc.nat({ max: 0x7fff_ffff }), { minLength: 0, maxLength: length, size: 'max' }));

/** Throws, with the smallest query and data it found, where an accepted query is answered otherwise than by plain DuckDB. */
export async function compareMany({ seed, worlds, queries, path }: Run): Promise<Counts> {
  const counts: Counts = { same: 0, refused: 0, rawFails: 0, codes: new Map(), examples: new Map() };
  const property = fc.asyncProperty(numbers(1500), fc.array(numbers(160), { minLength: queries, maxLength: queries }), async (data, tapes) => {
    const world = await World.open(makeData(new Tape(data)));
    try {
      for (const tape of tapes) {
        const generated = query(new Tape(tape));
        const outcome = await world.ask(generated);
        if (outcome.kind === 'differs') throw new Error(`${generated.sql}\n\n${outcome.why}\n\nreplay: SLUICE_DIFFERENTIAL_SEED=${seed}`);
        if (outcome.kind === 'same') counts.same++;
        if (outcome.kind === 'raw-fails') counts.rawFails++;
        if (outcome.kind === 'refused') {
          counts.refused++;
          for (const code of outcome.codes) {
            counts.codes.set(code, (counts.codes.get(code) ?? 0) + 1);
            counts.examples.set(code, generated.sql);
          }
        }
      }
    } finally {
      world.close();
    }
  });
  await fc.assert(property, { seed, numRuns: worlds, ...(path === undefined ? {} : { path }), interruptAfterTimeLimit: 1_200_000, markInterruptAsFailure: false });
  return counts;
}

export const asked = ({ same, refused, rawFails }: Counts): number => same + refused + rawFails;

/** Of the queries that mean something to plain DuckDB on these data. */
export const acceptance = ({ same, refused }: Counts): number => same / (same + refused);

export const summary = (counts: Counts): string =>
  `${asked(counts)} queries: ${counts.same} the same, ${counts.refused} refused, ${counts.rawFails} that plain DuckDB fails on; accepted ${(100 * acceptance(counts)).toFixed(1)} %${[...counts.codes].map(([code, n]) => `\n  ${n} × ${code}: ${counts.examples.get(code) ?? ''}`).join('')}`;
