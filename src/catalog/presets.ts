/** Presets that ship with the program, and the policy that a dataset begins with. */
import { readdirSync, readFileSync } from 'node:fs';
import type { PolicyDraft, PresetSummary } from '#contract/api/policies.ts';
import type { DatasetId, Manifest } from '#contract/manifest.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { PolicyPreset } from '#contract/policy-preset.ts';
import { startFrom } from '#contract/policy-start.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Principal } from '#src/accounts/principal.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { datasetRow, manifestOf } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import { noSuchDataset } from './policies.ts';

const DIRECTORY = new URL('../../policies/presets/', import.meta.url);

/** By name. They are part of the program: one that does not fit its schema is a bug. */
export function presets(): PolicyPreset[] {
  return readdirSync(DIRECTORY).filter((file) => file.endsWith('.json')).sort()
    .map((file) => PolicyPreset.parse(JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8'))));
}

export const presetSummary = ({ preset, title, notes, sources }: PolicyPreset): PresetSummary => ({ preset, title, notes, sources });

/**
 * The starting policy for a manifest. `levels`: from the hierarchy files, where the manifest was not completed by an ingest.
 * Fails `policies/invalid` where there is no such preset, or where it cannot be used for this dataset or by this program.
 */
export function draftPolicy(name: DatasetId, manifest: Manifest, levels: Readonly<Record<string, readonly string[]>> = {}): Result<PolicyDraft, Failure> {
  const all = presets();
  const preset = all.find((one) => one.preset === name);
  if (preset === undefined) {
    const names = all.map((one) => one.preset);
    return fail('policies/invalid', text(`There is no preset “${name}”; there are ${names.join(', ')}.`, `没有预设“${name}”；现有：${names.join('、')}。`));
  }
  const { document, leftOut, warnings } = startFrom(preset, manifest, levels);
  const problems = checkPolicy(document, manifest, { levels });
  const [first] = problems;
  if (first === undefined) return ok({ document, leftOut: [...leftOut], warnings: [...warnings] });
  return fail('policies/invalid', text(
    `The preset “${name}” gives no usable policy for “${manifest.id}”, at ${first.path}: ${first.message.en}`,
    `预设“${name}”不能为“${manifest.id}”生成可用的策略，位置 ${first.path}：${first.message.zh}`,
  ), { errors: problems.slice(0, 50).map(({ path, message }) => ({ at: path, message })) });
}

/** For a dataset of the catalogue. Fails as `draftPolicy` does. */
export function draftForDataset(db: Reader, principal: Principal, name: DatasetId, dataset: DatasetId): Result<PolicyDraft, Failure> {
  const row = datasetRow(db, dataset);
  if (row === undefined || !mayAct('policy.propose', principal, { provider: row.organisation })) return noSuchDataset({ dataset });
  return draftPolicy(name, manifestOf(db, row.manifest));
}
