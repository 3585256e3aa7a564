/** Reviewers: a number of them that never comes to decide is a mistake. */
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import type { PolicySubject } from './subject.ts';

export function checkReview({ policy: { statistics } }: PolicySubject): readonly PolicyProblem[] {
  const { reviewers, review, differencing, overrides } = statistics;
  const holds = review !== 'automatic' || differencing === 'hold' || overrides.some((override) => override.review !== undefined && override.review !== 'automatic');
  return reviewers === undefined || reviewers === 1 || holds ? [] : [policyProblem('policy/never-decides', 'statistics.reviewers',
    'Nothing is ever held under this policy, so that two reviewers have nothing to decide; set review to manual or on-doubt.',
    '该策略下不会有任何结果待审,两名审核人无从决定;请将 review 设为 manual 或 on-doubt。')];
}
