/** Explains a query without data: the same stages as a job, up to the plan, and what the release would refuse of it. */
import type { Answer, CheckJob } from '#contract/job.ts';
import { release } from '../release/release.ts';
import { compile } from '../sql/compile.ts';
import type { Workspace } from '../workspace.ts';
import { unaskedPlace } from './place.ts';
import { releaseAids } from './release-aids.ts';

export async function runCheck({ sql, datasets, columns, limits }: CheckJob, { scratch }: Workspace): Promise<Answer> {
  const compiled = await compile({ text: sql, datasets, columns, limits, engine: scratch.empty });
  if (!compiled.ok) {
    const { refusals, explanation } = compiled.error;
    return explanation === undefined ? { kind: 'refused', refusals: [...refusals] } : { kind: 'checked', explanation, refusals: [...refusals] };
  }
  // Gates without cells: what is refused then depends on plan and policy only.
  const released = release(compiled.value.gates.map(({ spec, place }) => ({ spec, cells: [], universe: null, ...(place === null ? {} : { place: unaskedPlace(place) }) })), datasets, await releaseAids([], datasets));
  return { kind: 'checked', explanation: compiled.value.explanation, refusals: released.ok ? [] : [...released.error] };
}
