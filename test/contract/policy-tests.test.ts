import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judgeTest, PolicyTest, PolicyTestFile, type Tried } from '#contract/policy-tests.ts';
import type { ResultTable } from '#contract/table.ts';

const table: ResultTable = {
  columns: [{ name: 'district', type: 'VARCHAR' }, { name: 'income', type: 'BIGINT' }], rows: [['secret value', '7'], ['another', null]], withheld: [[1, 1]],
};
const judge = (expected: object, tried: Tried) => judgeTest(PolicyTest.parse({ name: 'a test', sql: 'select 1', expect: expected }), tried);
const released: Tried = { outcome: 'released', table };
const refused: Tried = { outcome: 'refused', codes: ['grid/filter', 'grid/group'] };

test.each([
  ['the outcome alone', { outcome: 'released' }, released],
  ['rows, count and flags', { outcome: 'released', rows: 2, withheld: 1, flags: [{ row: 1, column: 'income' }] }, released],
  ['held', { outcome: 'held', withheld: 1 }, { outcome: 'held', table }],
  ['any refusal', { outcome: 'refused' }, refused],
  ['one of the refusals', { outcome: 'refused', code: 'grid/group' }, refused],
] as const)('passes: %s', (_, expected, tried) => expect(judge(expected, tried)).toEqual({ name: 'a test', passed: true, message: null }));

describe('a shortfall is said without a value', () => {
  test.each([
    [{ outcome: 'held' }, released, 'should be held for review and is released'],
    [{ outcome: 'released' }, refused, 'should be released and is refused (grid/filter, grid/group)'],
    [{ outcome: 'refused' }, { outcome: 'failed' }, 'should be refused and is without an answer'],
    [{ outcome: 'refused', code: 'grid/band' }, refused, 'should be refused with grid/band and is refused with grid/filter, grid/group'],
    [{ outcome: 'released', rows: 3 }, released, 'should have 3 rows and has 2'],
    [{ outcome: 'released', withheld: 0 }, released, '0 values should be withheld, and 1 are'],
    [{ outcome: 'released', flags: [{ row: 0, column: 'income' }] }, released, 'row 1, column “income” should be withheld and is not'],
    [{ outcome: 'released', flags: [{ row: 0, column: 'wage' }] }, released, 'should have a column “wage” and has none'],
  ] as const)('%o', (expected, tried, sentence) => {
    const { passed, message } = judge(expected, tried as Tried);
    expect(passed).toBe(false);
    expect(message?.en).toContain(sentence);
    expect(message?.zh).toMatch(/。$/);
    expect(JSON.stringify(message)).not.toContain('secret value');
  });
});

test('a test names an outcome that there is, and nothing that is not looked at', () => {
  for (const wrong of [{ outcome: 'failed' }, { outcome: 'refused', withheld: 1 }, { outcome: 'released', value: 3 }, { outcome: 'released', flags: [] }]) {
    expect(PolicyTest.safeParse({ name: 'x', sql: 'x', expect: wrong }).success).toBe(false);
  }
});

test('the tests that ship fit their schema and name a policy that ships', () => {
  const files = readdirSync('policies/tests').filter((file) => file.endsWith('.tests.json'));
  expect(files.length).toBeGreaterThan(0);
  const policies = readdirSync('policies');
  for (const file of files) {
    PolicyTestFile.parse(JSON.parse(readFileSync(`policies/tests/${file}`, 'utf8')));
    expect(policies).toContain(file.replace('.tests.json', '.json'));
  }
});
