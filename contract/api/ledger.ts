/** Tables that the agency published elsewhere, entered in the disclosure ledger so that later releases are compared with them. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { FreeText } from '../free-text.ts';
import { LedgerEntryId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { Name } from '../name.ts';
import { Value } from '../table.ts';

/**
 * A table of counts: of the rows of `table` that fall into each combination of `groups` (columns, levels or bands that the policy
 * lets group by, as a query would name them). `keys`: one value for each group, as a result would show it.
 */
export const PublishedTable = z.strictObject({
  dataset: DatasetId,
  /** Where and when it was published: kept sealed beside the log. */
  source: FreeText(2000),
  table: Name,
  groups: z.array(Name).max(20),
  cells: z.array(z.strictObject({ keys: z.array(Value).max(20), count: z.int().nonnegative() })).min(1).max(100_000),
});
export type PublishedTable = z.infer<typeof PublishedTable>;

/** `known`: cells that were entered. `unknown`: cells whose keys no row of the data has; there is nothing to compare with. */
export const LedgerEntryView = z.strictObject({ entry: LedgerEntryId, dataset: DatasetId, known: z.int().nonnegative(), unknown: z.int().nonnegative(), head: Digest });
export type LedgerEntryView = z.infer<typeof LedgerEntryView>;
