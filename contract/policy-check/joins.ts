/** Joins: pairs of existing columns of one type, each pair once. */
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import { columnOf, columnProblem } from './subject.ts';
import type { PolicySubject } from './subject.ts';

export function checkJoins(subject: PolicySubject): readonly PolicyProblem[] {
  const { joins } = subject.policy.statistics;
  if (joins === 'any') return [];
  const seen = new Set<string>();
  return joins.flatMap(([left, right], i) => {
    const place = `statistics.joins.${i}`;
    const problems = [columnProblem(subject, `${place}.0`, left), columnProblem(subject, `${place}.1`, right)].filter((p) => p !== null);
    if (problems.length > 0) return problems;
    const pair = [left, right].sort().join('=');
    if (seen.has(pair)) return [policyProblem('policy/never-decides', place, 'The pair of columns is listed twice.', '该对字段重复列出。')];
    seen.add(pair);
    const a = columnOf(subject.manifest, left);
    const b = columnOf(subject.manifest, right);
    return a === null || b === null || a.type === b.type ? [] : [policyProblem('policy/bad-join', place,
      `The columns have different types (${a.type}, ${b.type}) and cannot be equated.`, `两个字段类型不同(${a.type}、${b.type}),不能等值连接。`)];
  });
}
