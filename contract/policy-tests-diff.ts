/**
 * What changed between the tests of two versions of a policy. Tests are what keeps a later version from letting out what somebody once wrote down
 * that it must not: one that is gone, or expects less, loosens, as a rule would. A test is its query and what must become of it; its name is a label.
 */
import type { Direction, PolicyChange } from './policy-diff.ts';
import type { Expectation, PolicyTest, PolicyTests } from './policy-tests.ts';

/** In the order of `before`, then what was added. A test is kept where one of the same query expects at least as much. */
export function diffTests(before: PolicyTests, after: PolicyTests): readonly PolicyChange[] {
  const successors = new Map(before.map((test) => [test, successorOf(test, after)]));
  const succeeded = new Set(successors.values());
  return [
    ...[...successors].flatMap(([test, next]) => (next === null ? change(test, null, 'looser') : changed(test, next))),
    ...after.filter((test) => !succeeded.has(test)).flatMap((test) => change(null, test, 'stricter')),
  ];
}

/** The one that says the most of the same query: as much, else what is left of it under the same name. */
function successorOf(test: PolicyTest, after: PolicyTests): PolicyTest | null {
  const same = after.filter(({ sql }) => sql.trim() === test.sql.trim());
  return same.find(({ expect, name }) => name === test.name && expectsAll(expect, test.expect)) ?? same.find(({ expect }) => expectsAll(expect, test.expect)) ?? same.find(({ name }) => name === test.name) ?? null;
}

function changed(test: PolicyTest, next: PolicyTest): readonly PolicyChange[] {
  if (!expectsAll(next.expect, test.expect)) return change(test, next, 'looser');
  if (!expectsAll(test.expect, next.expect)) return change(test, next, 'stricter');
  return test.name === next.name ? [] : change(test, next, 'other');
}

/** Whether what meets `more` meets `less`. */
function expectsAll(more: Expectation, less: Expectation): boolean {
  if (less.outcome === 'refused') return more.outcome === 'refused' && (less.code === undefined || less.code === more.code);
  if (more.outcome === 'refused' || more.outcome !== less.outcome) return false;
  const flags = (less.flags ?? []).every(({ row, column }) => more.flags?.some((other) => other.row === row && other.column === column));
  return flags && (less.rows === undefined || less.rows === more.rows) && (less.withheld === undefined || less.withheld === more.withheld);
}

function change(before: PolicyTest | null, after: PolicyTest | null, direction: Direction): readonly PolicyChange[] {
  const describe = (test: PolicyTest | null): string | null => (test === null ? null : `${test.name}: ${describeExpectation(test.expect)}`);
  return [{ path: 'tests', before: describe(before), after: describe(after), direction }];
}

function describeExpectation(expect: Expectation): string {
  if (expect.outcome === 'refused') return expect.code === undefined ? 'refused' : `refused ${expect.code}`;
  const { outcome, rows, withheld, flags } = expect;
  return [
    outcome, ...(rows === undefined ? [] : [`rows ${rows}`]), ...(withheld === undefined ? [] : [`withheld ${withheld}`]),
    ...(flags === undefined ? [] : [`flags ${flags.map(({ row, column }) => `${row} ${column}`).join(', ')}`]),
  ].join(', ');
}
