/** Whether policies make sense for the datasets of a trial, before anything is loaded. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '#contract/manifest.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import type { PolicyProblem, PolicyProblemCode } from '#contract/policy-problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { usage, type CliFailure } from '../outcome.ts';
import type { TrialDataset } from './plan.ts';

/** What does not keep a policy from being tried: a rule without effect, and a unit kind whose gates are refused one by one. */
const ONLY_WARNINGS: ReadonlySet<PolicyProblemCode> = new Set(['policy/never-decides', 'policy/unit-kind-missing']);

export interface FoundProblem {
  readonly problem: PolicyProblem;
  /** As refusals name it: `city-statistics@3 statistics.units.person.min`. */
  readonly clause: string;
  readonly fatal: boolean;
}

export async function policyProblems(datasets: readonly TrialDataset[]): Promise<Result<readonly FoundProblem[], CliFailure>> {
  const found = new Map<string, FoundProblem>();
  for (const { directory, manifest, policy, tables } of datasets) {
    const levels = await hierarchyLevels(directory, manifest);
    if (!levels.ok) return levels;
    for (const problem of checkPolicy(policy, manifest, { trial: true, levels: levels.value, tables })) {
      const clause = `${policy.policy}@${policy.version} ${problem.path}`;
      found.set(`${clause} ${problem.code}`, { problem, clause, fatal: !ONLY_WARNINGS.has(problem.code) });
    }
  }
  return ok([...found.values()]);
}

/** Names of the coarser levels by `table.column`, from the header of each hierarchy file; nothing else of it is read. */
export async function hierarchyLevels(directory: string, manifest: Manifest): Promise<Result<Record<string, string[]>, CliFailure>> {
  const levels: Record<string, string[]> = {};
  for (const [table, { columns }] of Object.entries(manifest.tables)) {
    for (const [column, { hierarchy }] of Object.entries(columns)) {
      if (hierarchy === undefined) continue;
      const file = join(directory, hierarchy);
      try {
        const [header = ''] = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/, 1);
        levels[`${table}.${column}`] = header.split(',').slice(1).map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
      } catch {
        return usage(`Cannot read ${file}, which the manifest names as a hierarchy.`, `无法读取清单所列层级文件 ${file}。`);
      }
    }
  }
  return ok(levels);
}
