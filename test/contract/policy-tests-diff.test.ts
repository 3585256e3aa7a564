import { describe, expect, test } from 'vitest';
import { loosens } from '#contract/policy-diff.ts';
import { diffTests } from '#contract/policy-tests-diff.ts';
import { PolicyTests, type PolicyTest } from '#contract/policy-tests.ts';

const SQL = 'SELECT count(*) AS n FROM people WHERE age = 33';
const one = (expect: unknown, name = 'a', sql = SQL): PolicyTest => PolicyTests.parse([{ name, sql, expect }])[0]!;
const released = (more: object = {}) => ({ outcome: 'released', ...more });
const flag = (row: number) => ({ row, column: 'n' });

test('the same tests have no change', () => expect(diffTests([one(released({ rows: 1 }))], [one(released({ rows: 1 }))])).toEqual([]));

describe('direction of every kind of change', () => {
  test.each<[string, PolicyTest[], PolicyTest[], string[]]>([
    ['none left', [one({ outcome: 'refused' })], [], ['a: refused → –: looser']],
    ['one less', [one({ outcome: 'refused' }), one(released(), 'b', 'SELECT 1')], [one(released(), 'b', 'SELECT 1')], ['a: refused → –: looser']],
    ['one more', [], [one({ outcome: 'held', rows: 2 })], ['– → a: held, rows 2: stricter']],
    ['another query under the same name', [one({ outcome: 'refused' })], [one({ outcome: 'refused' }, 'a', `${SQL}3`)], ['a: refused → –: looser', '– → a: refused: stricter']],
    ['another outcome', [one({ outcome: 'refused' })], [one(released())], ['a: refused → a: released: looser']],
    ['held instead of released', [one(released())], [one({ outcome: 'held' })], ['a: released → a: held: looser']],
    ['any refusal', [one({ outcome: 'refused', code: 'grid/filter' })], [one({ outcome: 'refused' })], ['a: refused grid/filter → a: refused: looser']],
    ['a certain refusal', [one({ outcome: 'refused' })], [one({ outcome: 'refused', code: 'grid/filter' })], ['a: refused → a: refused grid/filter: stricter']],
    ['a number of withheld values less', [one(released({ rows: 3, withheld: 2 }))], [one(released({ rows: 3 }))], ['a: released, rows 3, withheld 2 → a: released, rows 3: looser']],
    ['fewer withheld', [one(released({ withheld: 2 }))], [one(released({ withheld: 1 }))], ['a: released, withheld 2 → a: released, withheld 1: looser']],
    ['a flag less', [one(released({ flags: [flag(0), flag(1)] }))], [one(released({ flags: [flag(1)] }))], ['a: released, flags 0 n, 1 n → a: released, flags 1 n: looser']],
    ['a flag more', [one(released({ flags: [flag(1)] }))], [one(released({ flags: [flag(0), flag(1)] }))], ['a: released, flags 1 n → a: released, flags 0 n, 1 n: stricter']],
    ['another name only', [one({ outcome: 'refused' })], [one({ outcome: 'refused' }, 'b')], ['a: refused → b: refused: other']],
    ['another order', [one({ outcome: 'refused' }), one(released(), 'b', 'SELECT 1')], [one(released(), 'b', 'SELECT 1'), one({ outcome: 'refused' })], []],
    ['two of one query made one that says both', [one(released({ rows: 1 })), one(released({ withheld: 0 }), 'b')], [one(released({ rows: 1, withheld: 0 }))], ['a: released, rows 1 → a: released, rows 1, withheld 0: stricter', 'b: released, withheld 0 → a: released, rows 1, withheld 0: stricter']],
  ])('%s', (_, before, after, changes) => {
    const found = diffTests(before, after);
    expect(found.map((change) => `${change.before ?? '–'} → ${change.after ?? '–'}: ${change.direction}`)).toEqual(changes);
    expect(new Set(found.map(({ path }) => path)).size).toBeLessThanOrEqual(1);
    expect(loosens(found)).toBe(changes.some((change) => change.endsWith('looser')));
  });
});
