/** Rules on what a policy was held to before it came into force. */
import { text } from '#contract/text.ts';
import { rule } from './rule.ts';

export const testedPolicies = rule(
  'tested-policies',
  text('every policy that has tests passed all of them, on the snapshot in force, before it came into force', '附有测试的策略均在现行快照上通过全部测试后方才生效'),
  () => {
    const snapshots = new Map<string, string>();
    const needed = new Map<string, string>();
    const runs = new Map<string, { readonly tests: string; readonly snapshot: string; readonly failed: number }>();
    return {
      'dataset.registered': ({ body }) => void snapshots.set(body.dataset, body.snapshot),
      'dataset.updated': ({ body }) => void snapshots.set(body.dataset, body.snapshot),
      'policy.proposed': ({ body }) => (body.tests === undefined ? undefined : void needed.set(body.proposal, body.tests)),
      'policy.tested': ({ body }) => {
        if (needed.get(body.proposal) !== body.tests) return text('other tests were run than the version was proposed with', '所运行的测试并非该版本提出时所附的测试');
        runs.set(body.proposal, body);
        return 'holds';
      },
      'policy.approved': ({ body }) => {
        const tests = needed.get(body.proposal);
        if (tests === undefined) return undefined;
        const run = runs.get(body.proposal);
        if (run === undefined || run.snapshot !== snapshots.get(body.dataset)) return text('it came into force without its tests having been run on the snapshot in force', '生效前未在现行快照上运行测试');
        return run.failed === 0 ? 'holds' : text(`it came into force although ${run.failed} of its tests failed`, `有 ${run.failed} 项测试未通过，却已生效`);
      },
    };
  },
);
