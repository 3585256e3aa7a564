/**
 * Tests of a policy: queries and what must become of them. They are kept with a version of the policy and run on the snapshot in
 * force, so that nobody signs a policy that does something else than they think. A failing one says why without any value.
 */
import { z } from 'zod';
import { DatasetId } from './manifest.ts';
import { assertNever } from './result.ts';
import type { ResultTable } from './table.ts';
import { bilingual, text, type Text } from './text.ts';

/** What of a table is expected; what is left out is not looked at. Values are not: they change with the data, and are nobody's to write down. */
const table = {
  rows: z.int().nonnegative().optional(),
  /** Values of the result that are withheld, as marked. */
  withheld: z.int().nonnegative().optional(),
  /** Values that have to be among the withheld ones: zero-based row, name of the column. */
  flags: z.array(z.strictObject({ row: z.int().nonnegative(), column: z.string().min(1) })).min(1).max(1000).optional(),
};

export const Expectation = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('released'), ...table }),
  z.strictObject({ outcome: z.literal('held'), ...table }),
  /** `code`: of one of the refusals, such as `grid/filter`. */
  z.strictObject({ outcome: z.literal('refused'), code: z.string().min(1).max(64).optional() }),
]);
export type Expectation = z.infer<typeof Expectation>;

/** The query runs as under a grant of every column of the dataset, with nothing released before. */
export const PolicyTest = z.strictObject({ name: z.string().trim().min(1).max(200), sql: z.string().min(1).max(32_768), expect: Expectation });
export type PolicyTest = z.infer<typeof PolicyTest>;

export const MAX_POLICY_TESTS = 50;

export const PolicyTests = z.array(PolicyTest).max(MAX_POLICY_TESTS).refine((tests) => new Set(tests.map(({ name }) => name)).size === tests.length, {
  error: bilingual('must not use a name twice', '名称不得重复'),
});
export type PolicyTests = z.infer<typeof PolicyTests>;

/** A file of tests, for `sluice policy test` and `sluice policy propose --tests`. */
export const PolicyTestFile = z.strictObject({ dataset: DatasetId, tests: PolicyTests.min(1) });
export type PolicyTestFile = z.infer<typeof PolicyTestFile>;

/** What became of a query. */
export type Tried =
  | { readonly outcome: 'released' | 'held'; readonly table: ResultTable }
  | { readonly outcome: 'refused'; readonly codes: readonly string[] }
  | { readonly outcome: 'failed' };

/** `message`: null where it passed. */
export const PolicyTestResult = z.strictObject({ name: z.string(), passed: z.boolean(), message: z.strictObject({ en: z.string(), zh: z.string() }).nullable() });
export type PolicyTestResult = z.infer<typeof PolicyTestResult>;

export function judgeTest({ name, expect }: PolicyTest, tried: Tried): PolicyTestResult {
  const message = shortfall(expect, tried);
  return { name, passed: message === null, message };
}

const NAMES = {
  released: text('released', '发布'), held: text('held for review', '待审'), refused: text('refused', '拒绝'), failed: text('without an answer', '无应答'),
} as const satisfies Record<Tried['outcome'], Text>;

/** The first thing that is not as expected; null where everything is. */
function shortfall(expect: Expectation, tried: Tried): Text | null {
  if (expect.outcome !== tried.outcome) {
    const why = tried.outcome === 'refused' ? text(` (${tried.codes.join(', ')})`, `（${tried.codes.join('、')}）`) : text('', '');
    return text(
      `The query should be ${NAMES[expect.outcome].en} and is ${NAMES[tried.outcome].en}${why.en}.`,
      `该查询应为“${NAMES[expect.outcome].zh}”，实际为“${NAMES[tried.outcome].zh}”${why.zh}。`,
    );
  }
  switch (expect.outcome) {
    case 'refused': {
      const codes = tried.outcome === 'refused' ? tried.codes : [];
      return expect.code === undefined || codes.includes(expect.code) ? null
        : text(`The query should be refused with ${expect.code} and is refused with ${codes.join(', ')}.`, `该查询应以 ${expect.code} 拒绝，实际以 ${codes.join('、')} 拒绝。`);
    }
    case 'released':
    case 'held':
      return 'table' in tried ? tableShortfall(expect, tried.table) : null;
    default:
      return assertNever(expect);
  }
}

function tableShortfall({ rows, withheld, flags = [] }: Extract<Expectation, { outcome: 'released' | 'held' }>, found: ResultTable): Text | null {
  if (rows !== undefined && rows !== found.rows.length) return text(`The result should have ${rows} rows and has ${found.rows.length}.`, `结果应有 ${rows} 行，实际为 ${found.rows.length} 行。`);
  if (withheld !== undefined && withheld !== found.withheld.length) {
    return text(`${withheld} values should be withheld, and ${found.withheld.length} are.`, `应有 ${withheld} 个数值不予公开，实际为 ${found.withheld.length} 个。`);
  }
  for (const { row, column } of flags) {
    const at = found.columns.findIndex(({ name }) => name === column);
    if (at < 0) return text(`The result should have a column “${column}” and has none.`, `结果应有列“${column}”，实际没有。`);
    if (!found.withheld.some(([r, c]) => r === row && c === at)) {
      return text(`The value in row ${row + 1}, column “${column}” should be withheld and is not.`, `第 ${row + 1} 行“${column}”列的数值应不予公开，实际未隐去。`);
    }
  }
  return null;
}
