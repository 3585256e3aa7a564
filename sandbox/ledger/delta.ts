/** What one release adds to the ledger, in the form in which it is sealed and kept: JSON, compressed, numbers of cells as base64. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { LedgerEntryId } from '#contract/id.ts';
import { paddedBytes, readPaddedBytes } from '../padding.ts';
import { seal, unseal } from '../seal.ts';
import { FaceForm, FlatForm } from './asked-form.ts';
import type { RememberedCell } from './memory.ts';
import { DataState } from './data-state.ts';
import { PastTableForm, type PastTable } from './past-table.ts';
import { SKETCH_WORDS } from './sketch.ts';
import { smallestOf } from './smallest.ts';

/** What is known of a strip beside its cells. */
const StripForm = z.strictObject({
  series: z.string(),
  /** Of the units that `units` of each cell counts. */
  kind: z.string(),
  face: FaceForm,
  /** The job that released it, or the entry of the agency. */
  of: z.string(),
  datasets: DataState,
  /** Tables, joins and conditions, and the keys: for the reviewer. */
  relation: z.string(),
  keys: z.array(z.string()),
  /** Who is behind each cell; null where the question cannot be asked again because it reads another gate's table. */
  population: z.string().nullable(),
  /** The same in parts, where each unit has one row. */
  flat: FlatForm.nullable(),
  /** Of its values: they are in units of 10^-scale. */
  scale: z.int().nonnegative(),
  /** Of sums: whether what units add are whole numbers of these. */
  unrounded: z.literal(true).optional(),
});
export type LedgerStrip = z.infer<typeof StripForm>;

const CellsForm = z.strictObject({ keys: z.array(z.string()), units: z.array(z.int().nonnegative()), fingerprints: z.base64(), sketches: z.base64(), smallest: z.base64(), values: z.array(z.string().regex(/^(-?\d+)?$/)) });
const strips = z.array(z.strictObject({ strip: StripForm, cells: CellsForm }));
const DeltaForm = z.strictObject({ v: z.literal(2), strips, tables: z.array(PastTableForm), withdraws: LedgerEntryId.optional() });

export interface Delta {
  readonly strips: readonly StripCells[];
  /** For secondary suppression of later tables. */
  readonly tables: readonly PastTable[];
  /** An earlier entry of the agency that counts no more. */
  readonly withdraws?: LedgerEntryId;
}

export interface StripCells {
  readonly strip: LedgerStrip;
  readonly cells: readonly RememberedCell[];
}

export const ledgerContext = (of: string): string => `ledger:${of}`;

/** Base64, as `seal` gives it; its length tells the order of how much left, and of the numbers nothing. */
export function sealDelta(key: Uint8Array, of: string, { strips, tables, withdraws }: Delta, random: (bytes: number) => Uint8Array): string {
  const form: z.input<typeof DeltaForm> = {
    v: 2,
    strips: strips.map(({ strip, cells }) => ({
      strip,
      cells: {
        keys: cells.map(({ key }) => key),
        units: cells.map(({ units }) => units),
        fingerprints: Buffer.from(BigUint64Array.from(cells, ({ fingerprint }) => fingerprint).buffer).toString('base64'),
        sketches: Buffer.concat(cells.map(({ sketch }) => bufferOf(sketch))).toString('base64'),
        smallest: Buffer.concat(cells.map(({ smallest }) => bufferOf(smallest))).toString('base64'),
        // Nothing: withheld.
        values: cells.map(({ value }) => value?.toString() ?? ''),
      },
    })),
    tables: tables.map(({ packed, behind, ...table }) => ({ ...table, packed: packed.toString('base64'), behind: behind.toString('base64') })),
    ...(withdraws === undefined ? {} : { withdraws }),
  };
  return seal(key, ledgerContext(of), paddedBytes(deflateRawSync(Buffer.from(JSON.stringify(form), 'utf8'))), random);
}

/** Throws where the delta was changed, belongs to another place, or was sealed under another key. */
export function openDelta(key: Uint8Array, of: string, sealed: string): Delta {
  const plain = unseal(key, ledgerContext(of), sealed);
  if (plain === null) throw new Error('a delta of the ledger cannot be opened');
  const form = DeltaForm.parse(JSON.parse(inflateRawSync(readPaddedBytes(plain)).toString('utf8')));
  const tables = form.tables.map((table): PastTable => ({ ...table, packed: Buffer.from(table.packed, 'base64'), behind: Buffer.from(table.behind, 'base64') }));
  return { strips: form.strips.map(stripCells), tables, ...(form.withdraws === undefined ? {} : { withdraws: form.withdraws }) };
}

function stripCells({ strip, cells: { keys, units, fingerprints, sketches, smallest, values } }: z.infer<typeof strips>[number]): StripCells {
  const prints = words64(fingerprints);
  const words = new Uint32Array(bytesOf(sketches).buffer);
  const hashes = new Uint32Array(bytesOf(smallest).buffer);
  const ends = running(units.map(smallestOf));
  if ([units.length, prints.length, words.length / SKETCH_WORDS, values.length].some((length) => length !== keys.length) || hashes.length !== (ends.at(-1) ?? 0)) throw new Error('a delta of the ledger has lost cells');
  return {
    strip,
    cells: keys.map((cell, i) => ({
      key: cell, units: units[i] ?? 0, fingerprint: prints[i] ?? 0n, sketch: words.subarray(i * SKETCH_WORDS, (i + 1) * SKETCH_WORDS), smallest: hashes.subarray(ends[i - 1] ?? 0, ends[i]), value: values[i] === undefined || values[i] === '' ? null : BigInt(values[i]),
    })),
  };
}

const bufferOf = (words: Uint32Array): Buffer => Buffer.from(words.buffer, words.byteOffset, words.byteLength);

/** Sums of the first numbers. */
function running(numbers: readonly number[]): readonly number[] {
  let sum = 0;
  return numbers.map((number) => (sum += number));
}

/** A buffer of its own: a view on another's may not be aligned. */
const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, 'base64'));
const words64 = (base64: string): BigUint64Array => new BigUint64Array(bytesOf(base64).buffer);
