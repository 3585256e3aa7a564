/** Enters a table that was published elsewhere into the ledger: who is behind its cells is read as for a query, its numbers are given. */
import type { Answer, EnterJob } from '#contract/job.ts';
import type { Refusal } from '#contract/refusal.ts';
import { text } from '#contract/text.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import { readKey } from '../keys.ts';
import { sealDelta, type StripCells } from '../ledger/delta.ts';
import { ledgerStrip } from '../ledger/job-ledger.ts';
import { stripsOf } from '../ledger/strips.ts';
import { keyOf } from '../release/complete.ts';
import { effectiveRules } from '../release/effective-rules.ts';
import { compile } from '../sql/compile.ts';
import { openData, type Workspace } from '../workspace.ts';

export async function runEnter({ of, dataset, withdrawals, published: { table, groups, cells } }: EnterJob, workspace: Workspace): Promise<Answer> {
  const { setup, random, scratch } = workspace;
  const data = await openData(workspace, { datasets: [dataset], withdrawals });
  if (data === null || setup.keys === null) throw new Error('a table is entered where its data are');
  try {
    const columns = groups.map(quoteIdentifier).join(', ');
    const sql = `SELECT ${[...(columns === '' ? [] : [columns]), 'count(*)'].join(', ')} FROM ${quoteIdentifier(table)}${columns === '' ? '' : ` GROUP BY ${columns}`}`;
    const all = Object.entries(dataset.manifest.tables).flatMap(([name, { columns: of_ }]) => Object.keys(of_).map((column) => `${dataset.manifest.id}.${name}.${column}`));
    const compiled = await compile({ text: sql, datasets: [dataset], columns: all, limits: { gates: 1, resultCells: 10_000_000 }, engine: scratch.empty });
    if (!compiled.ok) return { kind: 'refused', refusals: [...compiled.error.refusals] };
    const [gate] = compiled.value.gates;
    const rules = gate === undefined ? null : effectiveRules(gate.spec, [dataset]);
    if (gate === undefined || rules === null || !rules.ok || gate.populations.length === 0) return { kind: 'refused', refusals: [NOT_COMPARED] };
    const given = new Map(cells.map(({ keys, count }) => [keyOf(keys), BigInt(count)]));
    const known = new Set<string>();
    const strips = (await stripsOf(gate, rules.value, data)).map((strip): StripCells => ({
      strip: ledgerStrip(strip, [dataset], data, of),
      cells: [...strip.cells].flatMap(([key, { key: name, population }]) => {
        const value = given.get(key);
        if (value === undefined) return [];
        known.add(key);
        return [{ key: name, ...population, value }];
      }),
    }));
    return {
      kind: 'entered', known: known.size, unknown: given.size - known.size,
      sealed: known.size === 0 ? null : sealDelta(readKey(setup.keys, 'sealing'), of, strips, random),
    };
  } finally {
    data.close();
  }
}

const NOT_COMPARED: Refusal = {
  code: 'release/differencing',
  message: text('The table holds nothing that is compared with earlier releases: it has no privacy unit, or the policy asks for no comparison.', '该表没有需要与历史发布比对的内容：该表无隐私主体，或策略未要求比对。'),
  position: null,
  clause: 'statistics.differencing',
  suggestion: text('Enter a table of persons or enterprises under a policy whose statistics.differencing is not "none".', '请录入涉及个人或企业的表，且策略的 statistics.differencing 不为 "none"。'),
};
