/** Catalogue, approvals, jobs and releases, put together over one store and one pool of workers. */
import { rm } from 'node:fs/promises';
import type { CatalogParts } from './catalog/parts.ts';
import type { Api } from './http/api.ts';
import { applicationRoutes } from './http/applications.ts';
import { datasetRoutes } from './http/datasets.ts';
import { grantRoutes } from './http/grants.ts';
import { jobRoutes } from './http/jobs.ts';
import { ledgerRoutes } from './http/ledger.ts';
import { perturbationTableRoutes } from './http/perturbation-tables.ts';
import { policyRoutes } from './http/policies.ts';
import { releaseRoutes } from './http/releases.ts';
import { replayRoutes } from './http/replays.ts';
import type { Limits } from './limits/limits.ts';
import { prepareGrant } from './jobs/ahead.ts';
import { Runner, type RunnerParts } from './jobs/runner.ts';
import { JobWaits } from './jobs/waits.ts';

export interface DomainParts extends RunnerParts, Pick<CatalogParts, 'staging' | 'uploadLimit' | 'ingestWallMs'> {
  readonly clock: () => Date;
  readonly limits: Limits;
}

export interface Domain {
  readonly runner: Runner;
  mount(api: Api): void;
  /** Removes what uploads left behind, and takes up the jobs that were running. Before the first request. */
  start(): Promise<void>;
  /** Starts nothing more; what runs is killed and queued again. */
  stop(): Promise<void>;
}

export function openDomain(parts: DomainParts): Domain {
  const { store, clock, staging } = parts;
  const runner = new Runner(parts);
  const waits = new JobWaits(store);
  return {
    runner,
    mount: (api) => {
      datasetRoutes(api, { ...parts, killer: runner });
      perturbationTableRoutes(api, parts);
      policyRoutes(api, parts);
      applicationRoutes(api, { store, limits: parts.limits, granted: (grant) => prepareGrant(parts, grant, clock()) });
      grantRoutes(api, { store, killer: runner, clock });
      jobRoutes(api, { ...parts, runner, waits });
      releaseRoutes(api, parts);
      ledgerRoutes(api, parts);
      replayRoutes(api, parts);
    },
    start: async () => {
      await rm(staging, { recursive: true, force: true });
      await runner.recover();
    },
    stop: async () => {
      waits.stop();
      await runner.stop();
    },
  };
}
