import { describe, expect, test } from 'vitest';
import { showEvidence } from '#src/cli/output/evidence.ts';
import { displayWidth } from '#src/cli/output/width.ts';
import { grid, printable } from '#src/cli/output/grid.ts';
import { inLanguage, showStatement, showTable } from '#src/cli/output/result.ts';
import { showRefusals } from '#src/cli/output/refusal.ts';
import { edits, nearest } from '#src/cli/nearest.ts';

describe('width', () => {
  test.each([
    ['', 0], ['abc', 3], ['数闸', 4], ['市南区a', 7], ['（）', 4], ['“”', 2], ['é', 1], ['e\u0301', 1], ['한글', 4], ['ｱ', 1], ['Ａ', 2], ['🙂', 2], ['€', 1], ['—', 1],
  ])('%j takes %i columns', (shown, width) => expect(displayWidth(shown)).toBe(width));
});

describe('tables', () => {
  test('Chinese and Latin columns stand under each other', () => {
    expect(grid([{ title: '区' }, { title: 'n', align: 'right' }], [['市南区', '12'], ['Laoshan', '3456']])).toBe([
      '区          n',
      '───────  ────',
      '市南区     12',
      'Laoshan  3456',
      '',
    ].join('\n'));
  });

  test('withheld values are marked, NULL is empty, and a legend says so', () => {
    const shown = showTable({
      columns: [{ name: 'district', type: 'VARCHAR' }, { name: 'n', type: 'BIGINT' }],
      rows: [['市南区', null], [null, '7']],
      withheld: [[0, 1]],
    }, 'en');
    expect(shown).toBe('district  n\n────────  ─\n市南区    ·\n          7\n2 rows; · = withheld under the release policy\n');
  });

  test('terminal escapes in a value are shown, not obeyed', () => {
    expect(printable('a\u001b[31mb\u202e')).toBe('a\\u001b[31mb\\u202e');
  });

  test('a statement is sentences, rules with their clause, and help', () => {
    const shown = showStatement({
      rules: [{ clause: 'p@1 statistics.units.person.min', text: { en: 'At least 10.', zh: '至少 10。' } }],
      withheld: 1,
      mayOmitRows: false,
      help: [{ en: 'Coarser.', zh: '更粗。' }],
      sentences: [{ en: 'One value was withheld.', zh: '隐去一个数值。' }],
    }, 'zh');
    expect(shown).toBe('隐去一个数值。\n  - 至少 10。 [p@1 statistics.units.person.min]\n  → 更粗。\n');
  });

  test('documents in one language keep everything else', () => {
    expect(inLanguage({ a: [{ en: 'x', zh: '某' }], b: null, c: { en: 'only' } }, 'zh')).toEqual({ a: ['某'], b: null, c: { en: 'only' } });
  });
});

test('a refusal points at its place in code points', () => {
  const sql = "select '😀',\n  secret from t";
  expect(showRefusals([{ code: 'sql/name', message: 'No such column.', position: Array.from("select '😀',\n  ").length, clause: 'grant.columns', suggestion: 'Use a.' }], sql, 'en')).toEqual([
    'No such column. (sql/name)',
    '  line 2, column 3:   secret from t',
    '                      ^',
    '  clause: grant.columns',
    '  → Use a.',
  ]);
});

test('what secondary suppression withheld, and whether less would have done', () => {
  const shown = (numbers: number, whole: number, gap: number, language: 'en' | 'zh' = 'en') => showEvidence({ v: 1, gates: [], pattern: { numbers, whole, gap } }, language);
  expect(shown(0, 0, 0)).toBe('Secondary suppression: no further number was withheld.\n');
  expect(shown(1, 0, 0)).toBe('Secondary suppression: 1 further number withheld. No choice that protects as much withholds less.\n');
  expect(shown(12, 0, 0.083)).toBe('Secondary suppression: 12 further numbers withheld. Another choice that protects as much would save 8.3% of it at most.\n');
  expect(shown(12, 5, 0.4)).toMatch(/save 40% of it at most\. 5 of them because/);
  expect(shown(12, 5, 0.4, 'zh')).toMatch(/另有 12 个数值不予公开。.*最多可少抑制 40%。.*其中 5 个/);
  expect(showEvidence({ v: 1, gates: [] }, 'en')).toBe('');
});

test('nearest names', () => {
  expect([edits('kitten', 'sitting'), edits('ab', 'ba'), edits('', 'abc')]).toEqual([3, 1, 3]);
  expect(nearest('dataste', ['dataset', 'policy'])).toBe('dataset');
  expect(nearest('xyz', ['dataset', 'policy'])).toBeNull();
});
