/** A worker that answers jobs one after the other, each with what those before it left in the ledger. */
import { randomBytes } from 'node:crypto';
import { digestBytes } from '#contract/canonical.ts';
import { nextHead } from '#contract/chain.ts';
import { JobId, newId } from '#contract/id.ts';
import type { SqlJob } from '#contract/job.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { Policy } from '#contract/policy.ts';
import { runSql } from '#sandbox/jobs/sql.ts';
import { readKey } from '#sandbox/keys.ts';
import { openWorkspace, type Workspace } from '#sandbox/workspace.ts';
import { limitsOf } from '#src/jobs/pins.ts';
import { columnsOf } from '#src/cli/trial/domain.ts';
import type { BenchSnapshot } from './data.ts';
import { metered, type Metered } from './measure.ts';

export const workerOver = ({ keys, manifest, snapshot, directory }: BenchSnapshot): Promise<Workspace> => openWorkspace({
  kind: 'setup', keys, snapshots: [{ dataset: manifest.id, snapshot, directory }], verify: false, snapshotStore: null, memoryMb: 2048, threads: 2,
}, randomBytes);

export class Chained {
  readonly #workspace: Workspace;
  readonly #snapshot: BenchSnapshot;

  constructor(workspace: Workspace, snapshot: BenchSnapshot) {
    this.#workspace = workspace;
    this.#snapshot = snapshot;
  }

  /** @param statistics what the policy says beside a minimum of 10 persons. @returns `withheld`: null where the job was refused, as too much has been released to be compared with */
  async ask(sql: string, statistics: Record<string, unknown>): Promise<Metered & { readonly withheld: number | null }> {
    const { manifest, snapshot, keys } = this.#snapshot;
    const { ledger } = this.#workspace;
    const policy = Policy.parse({
      policy: 'bench', version: 1, dataset: manifest.id,
      statistics: { mechanism: { kind: 'suppress' }, dimensions: 'any', measures: 'any', joins: 'any', units: { person: { min: 10 } }, ...statistics },
    });
    const job = JobId.parse(newId('job', randomBytes));
    const spec: SqlJob = {
      kind: 'sql', job, sql, datasets: [{ manifest, snapshot, policy, policyDigest: policyDigest(policy) }], columns: columnsOf(manifest),
      limits: limitsOf([policy]), ledgerHead: ledger.head, withdrawals: null, evidence: false,
    };
    let sealed: string | null = null;
    let withheld: number | null = null;
    const took = await metered(async () => {
      const answer = await runSql(spec, this.#workspace);
      if (answer.kind === 'refused' && answer.refusals.every(({ code }) => code === 'release/differencing')) return;
      if (answer.kind !== 'released') throw new Error(`${sql}: ${JSON.stringify(answer)}`);
      sealed = answer.envelope.sealed.ledger;
      withheld = answer.envelope.statement.withheld ?? 0;
    });
    if (sealed !== null) ledger.take({ of: job, head: nextHead(ledger.head, digestBytes(Buffer.from(sealed, 'base64'))), sealed }, readKey(keys, 'sealing'));
    return { ...took, withheld };
  }
}
