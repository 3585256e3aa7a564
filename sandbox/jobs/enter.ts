/** Enters a table that was published elsewhere into the ledger: who is behind its cells is read as for a query, its numbers are given. */
import { digitsOf, scaled, type PublishedTable } from '#contract/api/ledger.ts';
import type { Answer, EnterJob, PinnedDataset } from '#contract/job.ts';
import type { Refusal } from '#contract/refusal.ts';
import type { Value } from '#contract/table.ts';
import { text } from '#contract/text.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import { readKey } from '../keys.ts';
import { sealDelta, type StripCells } from '../ledger/delta.ts';
import { stateOf } from '../ledger/data-state.ts';
import { behindTable, ledgerStrip } from '../ledger/job-ledger.ts';
import { packTable, type PastTable } from '../ledger/past-table.ts';
import { KeptPopulations, Populations } from '../ledger/populations.ts';
import { stripsOf, type JobStrip } from '../ledger/strips.ts';
import { rescaled } from '../ledger/face.ts';
import type { GateCells, GateSpec } from '../release/cells.ts';
import { keyOf } from '../release/complete.ts';
import { decide } from '../release/decide.ts';
import { effectiveRules, type EffectiveRules } from '../release/effective-rules.ts';
import { linkedTable, type LinkedCell, type LinkedFace } from '../release/linked-table.ts';
import { compile } from '../sql/compile.ts';
import { openData, type Workspace } from '../workspace.ts';
import { executeGate } from './gates.ts';

export async function runEnter({ of, dataset, withdrawals, published: { table, groups, measure, cells } }: EnterJob, workspace: Workspace): Promise<Answer> {
  const { setup, random, scratch } = workspace;
  const { keys } = setup;
  const data = await openData(workspace, { datasets: [dataset], withdrawals });
  if (data === null || keys === null) throw new Error('a table is entered where its data are');
  const reading = await scratch.session();
  try {
    const keyed = groups.map(quoteIdentifier);
    const statistics = [...(cells.some(({ count }) => count !== undefined) ? ['count(*)'] : []), ...(measure === undefined ? [] : [`sum(${quoteIdentifier(measure)})`])];
    const sql = `SELECT ${[...keyed, ...statistics].join(', ')} FROM ${quoteIdentifier(table)}${keyed.length === 0 ? '' : ` GROUP BY ${keyed.join(', ')}`}`;
    const all = Object.entries(dataset.manifest.tables).flatMap(([name, { columns: of_ }]) => Object.keys(of_).map((column) => `${dataset.manifest.id}.${name}.${column}`));
    const compiled = await compile({ text: sql, datasets: [dataset], columns: all, limits: { gates: 1, resultCells: MOST_CELLS }, engine: scratch.empty });
    if (!compiled.ok) return { kind: 'refused', refusals: [...compiled.error.refusals] };
    const [gate] = compiled.value.gates;
    const rules = gate === undefined ? null : effectiveRules(gate.spec, [dataset]);
    if (gate === undefined || rules === null || !rules.ok || gate.populations.length === 0) return { kind: 'refused', refusals: [NOT_COMPARED] };
    const given: Given = new Map(cells.map((cell) => [keyOf(cell.keys), cell]));
    const known = new Set<string>();
    const own = await stripsOf(gate, [], rules.value, new Populations(data, new KeptPopulations()));
    const strips = own.map((strip): StripCells => ({
      strip: ledgerStrip(strip, [dataset], data, of),
      cells: [...strip.cells].flatMap(([key, { key: name, population }]) => {
        const value = numberOf(given, key, isTotal(strip.spec, strip.face.measure), strip.scale);
        if (value === null) return [];
        known.add(key);
        return [{ key: name, ...population, value }];
      }),
    }));
    const tables = known.size === 0 || gate.place === null ? [] : [publishedTable(await executeGate(gate, MOST_CELLS, { data, scratch: reading, secret: (name) => readKey(keys, name) }), rules.value, given, own, dataset, data)];
    return {
      kind: 'entered', known: known.size, unknown: given.size - known.size,
      sealed: known.size === 0 ? null : sealDelta(readKey(keys, 'sealing'), of, { strips, tables }, random),
    };
  } finally {
    data.close();
    reading.close();
  }
}

/** Cells of the publication by their keys. */
type Given = ReadonlyMap<string, PublishedTable['cells'][number]>;

const isTotal = ({ measures }: GateSpec, measure: number): boolean => measures.find(({ id }) => id === measure)?.of.kind === 'column';

/** In units of 10^-scale, as it was published: rounded numbers count as if they were exact. Null where the publication leaves it out. */
function numberOf(given: Given, key: string, total: boolean, scale: number): bigint | null {
  const cell = given.get(key);
  const number = total ? cell?.total : cell?.count?.toString();
  return number === undefined ? null : rescaled(scaled(number, digitsOf(number)), digitsOf(number), scale);
}

/** The table as others are linked with it: its numbers are known, whatever the policy would have made of them; of those it leaves out nothing is. */
function publishedTable(cells: GateCells, rules: EffectiveRules, given: Given, strips: readonly JobStrip[], dataset: PinnedDataset, data: DataSession): PastTable {
  const { place, spec } = cells;
  if (place === undefined) throw new Error('a table without a place is linked with none');
  const table = linkedTable(decide(cells, rules, null), place);
  // How many values a column has is a face of its own, which no publication tells.
  const isShown = ({ measure, magnitude }: LinkedFace, { keys }: { readonly keys: readonly Value[] }): boolean => {
    const total = spec.measures[measure]?.of.kind === 'column';
    return total === magnitude && numberOf(given, keyOf(keys), total, 0) !== null;
  };
  const faces = table.faces.map((face) => ({ ...face, cells: face.cells.map((cell, row): LinkedCell => ({ ...cell, shown: isShown(face, table.rows[row] ?? { keys: [] }), held: false, width: 0n, high: null })) }));
  return packTable({ ...table, named: table.rows.length, faces }, stateOf(spec.datasets, [dataset], data), behindTable(table, strips));
}

const MOST_CELLS = 10_000_000;

const NOT_COMPARED: Refusal = {
  code: 'release/differencing',
  message: text('The table holds nothing that is compared with earlier releases: it has no privacy unit, or the policy asks for no comparison.', '该表没有需要与历史发布比对的内容：该表无隐私主体，或策略未要求比对。'),
  position: null,
  clause: 'statistics.differencing',
  suggestion: text('Enter a table of persons or enterprises under a policy whose statistics.differencing is not "none".', '请录入涉及个人或企业的表，且策略的 statistics.differencing 不为 "none"。'),
};
