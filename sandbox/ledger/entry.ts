/** What an addition to the ledger was sealed for: a job, or an entry of the agency, which may be withdrawn. */
import { LedgerEntryId } from '#contract/id.ts';

export const isEntry = (of: string): boolean => LedgerEntryId.safeParse(of).success;
