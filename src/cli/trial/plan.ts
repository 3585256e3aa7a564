/** What `sluice try` is asked to do, read from the files that the command line names. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Manifest } from '#contract/manifest.ts';
import type { OnsTable } from '#contract/ons-table.ts';
import { OPEN_POLICY, openPolicy } from '#contract/policy-open.ts';
import { Policy } from '#contract/policy.ts';
import { ok, type Result } from '#contract/result.ts';
import { readDocument } from '../files.ts';
import type { Session } from '../io.ts';
import { usage, type CliFailure } from '../outcome.ts';
import { namesOf, readTableFiles, withTable } from '../perturbation-file.ts';

export interface TrialDataset {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly policy: Policy;
  /** The table of its own that the policy names, and the names of all that were given. */
  readonly perturbation?: OnsTable;
  readonly tables: readonly string[];
}

/** A directory with a manifest, or the manifest itself. Fails where it is neither. */
export async function readManifest(session: Pick<Session, 'input' | 'language'>, path: string): Promise<Result<{ directory: string; manifest: Manifest }, CliFailure>> {
  const isFile = await stat(path).then((found) => found.isFile(), () => false);
  const directory = isFile ? join(path, '..') : path;
  const manifest = await readDocument(session, isFile ? path : join(path, 'dataset.json'), Manifest);
  return manifest.ok ? ok({ directory, manifest: manifest.value }) : manifest;
}

export async function readDatasets(session: Session, directories: readonly string[], policies: readonly string[], tableFiles: readonly string[]): Promise<Result<readonly TrialDataset[], CliFailure>> {
  const found: { directory: string; manifest: Manifest }[] = [];
  for (const directory of directories) {
    const read = await readManifest(session, directory);
    if (!read.ok) return read;
    const twice = found.find(({ manifest }) => manifest.id === read.value.manifest.id);
    if (twice !== undefined) {
      const { id } = read.value.manifest;
      return usage(`${twice.directory} and ${directory} are both named "${id}"; every dataset needs an id of its own.`, `${twice.directory} 与 ${directory} 的标识同为“${id}”；各数据集的标识不得相同。`);
    }
    found.push(read.value);
  }
  const read = await readPolicies(session, policies);
  if (!read.ok) return read;
  const tables = await readTableFiles(session, tableFiles);
  if (!tables.ok) return tables;
  const datasets: TrialDataset[] = [];
  for (const { directory, manifest } of found) {
    const policy = policyFor(manifest, found.map((one) => one.manifest), read.value);
    if (!policy.ok) return policy;
    datasets.push({ directory, manifest, ...withTable(policy.value, tables.value), tables: namesOf(tables.value) });
  }
  return ok(datasets);
}

/** Null stands for `open`, which is made to fit each dataset. */
async function readPolicies(session: Session, files: readonly string[]): Promise<Result<readonly (Policy | null)[], CliFailure>> {
  const policies: (Policy | null)[] = [];
  for (const file of files) {
    if (file === OPEN_POLICY) {
      policies.push(null);
      continue;
    }
    const policy = await readDocument(session, file, Policy);
    if (!policy.ok) return policy;
    policies.push(policy.value);
  }
  return ok(policies);
}

/** A single policy serves every dataset; of several, the one that names the dataset, else `open` where it was given. */
function policyFor(manifest: Manifest, all: readonly Manifest[], policies: readonly (Policy | null)[]): Result<Policy, CliFailure> {
  const { id } = manifest;
  const open = () => openPolicy(id, all);
  if (policies.length === 1) return ok(policies[0] ?? open());
  const named = policies.filter((policy) => policy?.dataset === id);
  if (named.length > 1) return usage(`Two policies are for the dataset "${id}"; give one.`, `数据集“${id}”有两个策略；请只给一个。`);
  const [policy] = named;
  if (policy) return ok(policy);
  if (policies.includes(null)) return ok(open());
  return usage(
    `No policy given is for the dataset "${id}". Name it in a policy's "dataset", or give one policy for all.`,
    `给出的策略均不适用于数据集“${id}”。请在策略的 "dataset" 中写明该数据集，或只给一个适用于全部数据集的策略。`,
  );
}
