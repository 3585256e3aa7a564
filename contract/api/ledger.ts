/** Tables that the agency published elsewhere, entered in the disclosure ledger so that later releases are compared with them. */
import { z } from 'zod';
import { Digest, digestOf } from '../canonical.ts';
import { FreeText } from '../free-text.ts';
import { AccountId, LedgerEntryId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { Name } from '../name.ts';
import { Value } from '../table.ts';
import { bilingual } from '../text.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

/** A total as it was published, with as many digits as it had. `abort`: what is said of a table as a whole reads these as numbers. */
const Total = z.string().regex(/^-?\d{1,36}(\.\d{1,18})?$/, { abort: true, error: bilingual('must be a decimal number as text, like "1235000" or "-12.50"', '须为文本形式的十进制数，如 "1235000" 或 "-12.50"') });
/** Above 0. */
const Step = z.string().regex(/^(?=.*[1-9])\d{1,36}(\.\d{1,18})?$/, { abort: true, error: bilingual('must be a decimal number above 0 as text, like "1000" or "0.01"', '须为文本形式的正十进制数，如 "1000" 或 "0.01"') });

export const MAX_PUBLISHED_CELLS = 100_000;
/** Nobody reads more mistakes of one table. */
const MAX_SAID = 20;

/** `keys`: one value for each group, as a result would show it. `count`: of rows. `total`: of `measure`, in its own unit (not in thousands of it). */
const Cell = z.strictObject({ keys: z.array(Value).max(20), count: z.int().nonnegative().optional(), total: Total.optional() });
type Cell = z.infer<typeof Cell>;

/**
 * A table of counts, of totals of one column, or of both: of the rows of `table` that fall into each combination of `groups` (columns, levels or
 * bands that the policy lets group by, as a query would name them). A number that was left out of the publication is left out here.
 */
export const PublishedTable = z.strictObject({
  dataset: DatasetId,
  /** Where and when it was published: kept sealed beside the log. */
  source: FreeText(2000),
  table: Name,
  groups: z.array(Name).max(20),
  /** The column that totals are of: one that the policy lets add up. */
  measure: Name.optional(),
  /** What published numbers are multiples of, where they were rounded. They are compared as if they were exact: whoever reads them may know more. */
  roundedTo: z.strictObject({ count: z.int().min(1).optional(), total: Step.optional() }).optional(),
  cells: z.array(Cell).min(1).max(MAX_PUBLISHED_CELLS),
}).superRefine(({ groups, measure, roundedTo, cells }, context) => {
  let found = 0;
  const wrong = (path: (string | number)[], en: string, zh: string) => {
    found++;
    context.addIssue({ code: 'custom', path, message: bilingual(en, zh) });
  };
  if (measure !== undefined && cells.every(({ total }) => total === undefined)) wrong(['measure'], 'no cell has a total; leave the measure out of a table of counts', '没有任何单元格给出 total；计数表请省略 measure');
  if (measure === undefined && roundedTo?.total !== undefined) wrong(['roundedTo', 'total'], 'a table of counts has no totals', '计数表没有合计值');
  const first = new Map<string, number>();
  for (const [i, cell] of cells.entries()) {
    if (found >= MAX_SAID) break;
    const problem = problemOf(cell, groups.length, measure !== undefined, roundedTo ?? {});
    if (problem !== null) wrong(['cells', i, problem.at], problem.en, problem.zh);
    const name = JSON.stringify(cell.keys);
    const before = first.get(name);
    if (before !== undefined) wrong(['cells', i, 'keys'], `the keys of cell ${before} once more; every cell stands once`, `与第 ${before} 个单元格的键重复；每个单元格只能出现一次`);
    else first.set(name, i);
  }
});
export type PublishedTable = z.infer<typeof PublishedTable>;

function problemOf({ keys, count, total }: Cell, groups: number, measured: boolean, roundedTo: NonNullable<PublishedTable['roundedTo']>): { readonly at: keyof Cell; readonly en: string; readonly zh: string } | null {
  if (keys.length !== groups) return { at: 'keys', en: `must have a value for each group, ${groups} in all`, zh: `须与 groups 一一对应，共 ${groups} 个值` };
  if (count === undefined && total === undefined) return { at: 'count', en: 'a cell has a count, a total, or both', zh: '单元格须给出 count、total 或两者' };
  if (total !== undefined && !measured) return { at: 'total', en: 'a total needs the column that it is of, as measure', zh: '给出 total 时须以 measure 指明所合计的列' };
  if (count !== undefined && roundedTo.count !== undefined && count % roundedTo.count !== 0) return { at: 'count', en: `is no multiple of ${roundedTo.count}, to which counts are said to be rounded`, zh: `不是所声明舍入单位 ${roundedTo.count} 的倍数` };
  if (total !== undefined && roundedTo.total !== undefined && !isMultiple(total, roundedTo.total)) return { at: 'total', en: `is no multiple of ${roundedTo.total}, to which totals are said to be rounded`, zh: `不是所声明舍入单位 ${roundedTo.total} 的倍数` };
  return null;
}

const isMultiple = (total: string, step: string): boolean => {
  const digits = Math.max(digitsOf(total), digitsOf(step));
  return scaled(total, digits) % scaled(step, digits) === 0n;
};

/** Digits after the point. */
export const digitsOf = (decimal: string): number => decimal.split('.')[1]?.length ?? 0;

/** A decimal in units of 10^-digits; it has no more digits than these. */
export function scaled(decimal: string, digits: number): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(`${whole}${fraction.padEnd(digits, '0')}`);
}

/** What a table is known by in the log: everything of it that was published, and not what is said about it. */
export const publishedDigest = ({ dataset, table, groups, measure, roundedTo, cells }: PublishedTable): Digest => digestOf({ dataset, table, groups, measure, roundedTo, cells });

/** `entered`: compared with. `proposed`, `endorsed`: somebody, and another, wants it withdrawn; it is compared with all the same. */
export const LedgerEntryState = z.enum(['entered', 'proposed', 'endorsed', 'withdrawn']);
export type LedgerEntryState = z.infer<typeof LedgerEntryState>;

/** An entry as it is listed: never a number of the table. `source`: null where it was erased. `table`: `publishedDigest`; null in entries of versions before this. */
export const LedgerEntrySummary = z.strictObject({
  entry: LedgerEntryId, dataset: DatasetId, source: z.string().nullable(), table: Digest.nullable(), cells: z.int().min(1),
  enteredBy: AccountId, enteredAt: Timestamp, state: LedgerEntryState,
  /** Of the withdrawal that is proposed, or was approved. */
  reason: z.string().nullable(), proposedBy: AccountId.nullable(), approvedBy: z.array(AccountId), withdrawnAt: Timestamp.nullable(),
});
export type LedgerEntrySummary = z.infer<typeof LedgerEntrySummary>;

/** `known`: cells that were entered. `unknown`: cells whose keys no row of the data has; there is nothing to compare with. `head`: of the ledger. */
export const LedgerEntryView = z.strictObject({ entry: LedgerEntryId, dataset: DatasetId, known: z.int().nonnegative(), unknown: z.int().nonnegative(), table: Digest, head: Digest });
export type LedgerEntryView = z.infer<typeof LedgerEntryView>;

export const LedgerEntryParams = z.strictObject({ entry: LedgerEntryId });
export const LedgerEntryQuery = PageQuery.extend({ dataset: DatasetId.optional(), state: LedgerEntryState.optional() });
export const LedgerEntryPage = pageOf(LedgerEntrySummary);
