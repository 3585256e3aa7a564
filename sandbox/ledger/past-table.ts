/** A table that left, as it is kept for secondary suppression of later ones: columns of text, compressed, read only when needed. */
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { Value } from '#contract/table.ts';
import type { LinkedCell, LinkedTable } from '../release/linked-table.ts';
import type { Parts } from '../release/place.ts';
import { FaceForm, FlatForm } from './asked-form.ts';
import { DataState } from './data-state.ts';
import type { Face } from './face.ts';
import type { PopulationSql } from './population-sql.ts';

const SetForm = z.strictObject({ negated: z.boolean(), atoms: z.array(z.string()) });
const SliceForm = z.strictObject({ root: z.string(), inside: SetForm });
const PartsForm = z.array(z.array(SliceForm));
/** One value for each row, parted by spaces; where most are the same, that one and the others by row. */
const SparseForm = z.strictObject({ most: z.string(), others: z.array(z.tuple([z.int().nonnegative(), z.string()])) });
/** One character for each row. */
const Marks = z.string().regex(/^[01]*$/);

const TableForm = z.strictObject({
  place: z.strictObject({
    base: z.string(), vague: z.array(z.string()).optional(), slices: z.array(SliceForm), parts: z.array(PartsForm).optional(), closed: z.array(z.tuple([z.string(), z.array(z.string())])),
    keys: z.array(z.strictObject({ root: z.string(), known: z.array(z.tuple([z.string(), SetForm])), bare: z.boolean(), parts: z.array(z.tuple([z.string(), PartsForm])).optional() })),
    measures: z.array(z.strictObject({ rest: z.array(z.string()), present: z.string().nullable(), slices: z.array(SliceForm), parts: z.array(PartsForm).optional() })),
  }),
  rows: z.int().nonnegative(),
  named: z.int().nonnegative(),
  /** By key: its values, and which of them each row has. */
  keys: z.array(z.strictObject({ values: z.array(Value), rows: z.array(z.int().nonnegative()) })),
  faces: z.array(z.strictObject({
    key: z.string(), measure: z.int().nonnegative(), face: z.enum(['count', 'total']), magnitude: z.boolean(), nonNegative: z.boolean(),
    values: z.string(), shown: Marks, recalled: Marks.optional(), held: Marks, lone: Marks, widths: SparseForm, lows: SparseForm, highs: SparseForm,
  })),
});

const BehindForm = z.array(z.strictObject({
  faces: z.array(z.int().nonnegative()), kind: z.string(), face: FaceForm, population: z.strictObject({ sql: z.string(), keys: z.int().nonnegative(), flat: FlatForm.nullable() }),
  units: z.array(z.int().nonnegative()),
}));
/** Who is behind the cells of some faces, in terms of one kind of unit. */
export interface Behind {
  /** Places in `LinkedTable.faces`. */
  readonly faces: readonly number[];
  readonly kind: string;
  /** How to ask again. */
  readonly population: PopulationSql;
  readonly face: Face;
  /** By row: how many there were. */
  readonly units: readonly number[];
}

/** What is known of a kept table without reading it. */
export const PastTableForm = z.strictObject({
  /** Tables of other rows have nothing to do with each other: digest of `GatePlace.base`. */
  base: z.string().regex(/^[0-9a-f]{64}$/),
  datasets: DataState,
  /** What it counts and adds up (`faceOf`), and how many numbers of each it has. */
  faces: z.array(z.strictObject({ of: z.string(), cells: z.int().nonnegative() })),
  /** Of the same table, whether its numbers were given for the first time or again: digest. */
  same: z.string().regex(/^[0-9a-f]{64}$/).optional(),
  /** The table itself. */
  packed: z.base64(),
  /** Who is behind it: read where data have changed since. */
  behind: z.base64(),
});

export interface PastTable extends Omit<z.infer<typeof PastTableForm>, 'packed' | 'behind'> {
  readonly packed: Buffer;
  readonly behind: Buffer;
}

export const baseOf = (base: string): string => createHash('sha256').update(base).digest('hex');
/** Short digest of `LinkedFace.key`. */
export const faceOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 12);

export function packTable(table: LinkedTable, datasets: PastTable['datasets'], behind: readonly Behind[] = []): PastTable {
  const { place, rows, named, faces } = table;
  const form: z.input<typeof TableForm> = {
    place: {
      base: place.base, ...(place.vague === undefined ? {} : { vague: [...place.vague] }), slices: place.slices.map(sliceForm), ...partsForm(place), closed: [...place.closed].map(([root, atoms]) => [root, [...atoms]]),
      keys: place.keys.map(({ root, known, bare, parts }) => ({ root, bare, known: [...known].map(([value, set]) => [value, setForm(set)]), ...(parts === undefined ? {} : { parts: [...parts].map(([value, of]) => [value, partForm(of)]) }) })),
      measures: place.measures.map(({ rest, present, slices, parts }) => ({ rest: [...rest], present, slices: slices.map(sliceForm), ...partsForm({ parts }) })),
    },
    rows: rows.length, named,
    keys: place.keys.map((_, k) => {
      const values = [...new Set(rows.map(({ keys }) => keys[k] ?? null))];
      const at = new Map(values.map((value, i) => [value, i]));
      return { values, rows: rows.map(({ keys }) => at.get(keys[k] ?? null) ?? 0) };
    }),
    faces: faces.map(({ key, measure, face, magnitude, nonNegative, cells }) => ({
      key, measure, face, magnitude, nonNegative,
      values: cells.map(({ value }) => value).join(' '),
      shown: marks(cells, ({ shown }) => shown), recalled: marks(cells, ({ recalled }) => recalled), held: marks(cells, ({ held }) => held), lone: marks(cells, ({ lone }) => lone),
      widths: sparse(cells.map(({ width }) => width)), lows: sparse(cells.map(({ low }) => low)), highs: sparse(cells.map(({ high }) => high)),
    })),
  };
  return {
    base: baseOf(place.base), datasets, faces: [...Map.groupBy(faces, ({ key }) => faceOf(key))].map(([of, same]) => ({ of, cells: same.length * rows.length })),
    same: createHash('sha256').update(JSON.stringify({ ...form, faces: form.faces.map(({ recalled: _, ...face }) => face) })).digest('hex'), packed: compressed(form), behind: compressed(behind),
  };
}

/** Throws where it is not what was packed. */
export function unpackTable({ packed }: PastTable): LinkedTable {
  const { place, rows, named, keys, faces } = TableForm.parse(opened(packed));
  return {
    named, place: placeOf(place),
    rows: Array.from({ length: rows }, (_, r) => ({ keys: keys.map(({ values, rows: at }) => values[at[r] ?? -1] ?? null) })),
    faces: faces.map(({ values, shown, recalled = '0'.repeat(rows), held, lone, widths, lows, highs, ...face }) => {
      const numbers = rows === 0 ? [] : values.split(' ').map(BigInt);
      if ([numbers.length, shown.length, recalled.length, held.length, lone.length].some((length) => length !== rows)) throw new Error('a table of the ledger has lost cells');
      const [width, low, high] = [dense(widths, rows), dense(lows, rows), dense(highs, rows)];
      return {
        ...face,
        cells: numbers.map((value, r): LinkedCell => ({ value, shown: shown[r] === '1', recalled: recalled[r] === '1', held: held[r] === '1', lone: lone[r] === '1', width: width[r] ?? 0n, low: low[r] ?? null, high: high[r] ?? null })),
      };
    }),
  };
}

/** What is not there is left out. */
function placeOf({ vague, parts, closed, keys, measures, ...place }: z.infer<typeof TableForm>['place']): LinkedTable['place'] {
  return {
    ...place, ...(vague === undefined ? {} : { vague }), ...(parts === undefined ? {} : { parts }), closed: new Map(closed),
    keys: keys.map(({ root, known, bare, parts: of }) => ({ root, bare, known: new Map(known), ...(of === undefined ? {} : { parts: new Map(of) }) })),
    measures: measures.map(({ parts: of, ...measure }) => ({ ...measure, ...(of === undefined ? {} : { parts: of }) })),
  };
}

const partForm = (parts: Parts) => parts.map((slices) => slices.map(sliceForm));
const partsForm = ({ parts }: { readonly parts?: readonly Parts[] | undefined }) => (parts === undefined ? {} : { parts: parts.map(partForm) });
/** Throws where it is not what was packed. */
export const behindOf = ({ behind }: PastTable): readonly Behind[] => BehindForm.parse(opened(behind));

const compressed = (form: unknown): Buffer => deflateRawSync(Buffer.from(JSON.stringify(form), 'utf8'));
const opened = (packed: Buffer): unknown => JSON.parse(inflateRawSync(packed).toString('utf8'));

const setForm = ({ negated, atoms }: { readonly negated: boolean; readonly atoms: readonly string[] }) => ({ negated, atoms: [...atoms] });
const sliceForm = ({ root, inside }: { readonly root: string; readonly inside: { readonly negated: boolean; readonly atoms: readonly string[] } }) => ({ root, inside: setForm(inside) });
const marks = (cells: readonly LinkedCell[], holds: (cell: LinkedCell) => boolean): string => cells.map((cell) => (holds(cell) ? '1' : '0')).join('');

/** Nothing known is written as no digits. */
function sparse(values: readonly (bigint | null)[]): z.input<typeof SparseForm> {
  const texts = values.map((value) => value?.toString() ?? '');
  const counts = new Map<string, number>();
  for (const each of texts) counts.set(each, (counts.get(each) ?? 0) + 1);
  const [most = ''] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return { most, others: texts.flatMap((each, i): [number, string][] => (each === most ? [] : [[i, each]])) };
}

function dense({ most, others }: z.infer<typeof SparseForm>, rows: number): readonly (bigint | null)[] {
  const read = (each: string): bigint | null => (each === '' ? null : BigInt(each));
  const values = Array.from<bigint | null>({ length: rows }).fill(read(most));
  for (const [row, each] of others) values[row] = read(each);
  return values;
}
