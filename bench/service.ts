/**
 * A real service as a process of its own, with people, a dataset, a policy and a grant: what the benchmarks over HTTP ask. Its
 * home lies below `var/bench` and is removed afterwards.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ApplicationView } from '#contract/api/applications.ts';
import { DatasetView } from '#contract/api/datasets.ts';
import { PolicySummary } from '#contract/api/policies.ts';
import type { Manifest } from '#contract/manifest.ts';
import { columnsOf } from '#src/cli/trial/domain.ts';
import { assemble } from '../demo/people.ts';
import { freePort, Server } from '../demo/server.ts';
import { BELOW, benchData } from './data.ts';

export interface Bench {
  readonly url: string;
  /** Of the server. */
  readonly pid: number;
  readonly grant: string;
  /** Of the operator. */
  readonly token: string;
}

/** Runs `work` against a service over `rows` visits, and ends the service whatever happens. */
export async function withService<T>(rows: number, work: (bench: Bench) => Promise<T>): Promise<T> {
  const home = join(BELOW, `service-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const server = new Server(home, await freePort());
  try {
    const admin = await server.init();
    await server.start();
    return await work(await settle(server, admin, rows));
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function settle(server: Server, admin: string, rows: number): Promise<Bench> {
  const { proposer, approver, operator } = await assemble({ server: server.url, directory: join(server.home, 'people'), language: 'en' }, admin);
  const { manifest } = await proposer.ask(DatasetView, ['dataset', 'register', benchData('visits', rows)]);
  const file = join(server.home, 'policy.json');
  writeFileSync(file, JSON.stringify(policyOf(manifest)));
  const { proposal } = await proposer.ask(PolicySummary.loose(), ['policy', 'propose', file]);
  await approver.ask(PolicySummary.loose(), ['policy', 'approve', proposal]);
  const application = {
    userUnit: '示范市统计局', scenario: '性能测试', columns: columnsOf(manifest).filter((column) => !column.endsWith('.name')), sharing: 'statistics',
    until: new Date(Date.now() + 86_400_000).toISOString(), purpose: 'public-benefit',
  };
  const { id } = await operator.ask(ApplicationView, ['apply', '-'], JSON.stringify(application));
  const { grant } = await approver.ask(ApplicationView, ['application', 'approve', id]);
  if (grant === null) throw new Error('the application was approved without a grant');
  const { secret } = await operator.ask(z.looseObject({ secret: z.string() }), ['token', 'issue', '--name', 'bench', '--scope', 'jobs:read', '--scope', 'jobs:write', '--scope', 'releases:read', '--days', '1']);
  const { pid } = server;
  if (pid === undefined) throw new Error('the server does not run');
  return { url: server.url, pid, grant, token: secret };
}

function policyOf(manifest: Manifest) {
  return {
    policy: 'bench', version: 1, dataset: manifest.id, basis: 'bench', purposes: ['public-benefit'],
    title: { en: 'Benchmark', zh: '性能测试' },
    statistics: {
      mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dominance: [{ rule: 'p-percent', p: 10 }],
      dimensions: { 'residents.sex': { categories: 'all' }, 'visits.department': { categories: 'all' } },
      measures: { 'visits.cost': ['count', 'sum', 'avg'] }, joins: [['residents.person_id', 'visits.person_id']],
    },
    limits: { jobsPerDay: 100_000 },
  };
}
