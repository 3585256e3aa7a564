/** Every table that is derived from the log, area by area. */
import { accountsProjection } from './store/accounts.ts';
import { approvalsProjection } from './store/approvals.ts';
import { catalogProjection } from './store/catalog.ts';
import { jobsProjection } from './store/jobs.ts';
import { ledgerEntriesProjection } from './store/ledger-entries.ts';
import { perturbationProjection } from './store/perturbation-tables.ts';
import type { Projection } from './store/projection.ts';
import { serviceProjection } from './store/service.ts';

export const PROJECTIONS: readonly Projection[] = [accountsProjection, catalogProjection, perturbationProjection, approvalsProjection, jobsProjection, ledgerEntriesProjection, serviceProjection];
