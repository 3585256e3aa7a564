/** The rest of a query: what is computed from released tables and public tables only. */
import type { ResultColumn } from '#contract/table.ts';
import type { BindContext } from '../bind/context.ts';
import type { Output } from '../bind/query.ts';
import { columnRef } from '../expression.ts';
import type { Query } from '../query.ts';
import { columnsOf, type Column, type Relation, type SortKey } from '../relation.ts';
import { Blocks, type BlockOptions } from './blocks.ts';
import { FlagRewriter } from './flags.ts';
import { prune } from './prune.ts';

export interface PlannedRest {
  readonly query: Query;
  readonly columns: readonly (ResultColumn & { readonly flag: number | null })[];
  /** Where the rest does nothing but show columns of one released table: which ones, flags last. Then nothing has to be asked. */
  readonly shows: { readonly gate: number; readonly columns: readonly string[] } | null;
}

export function planRest(context: BindContext, relation: Relation, outputs: readonly Output[], values: (gate: number) => readonly Column[], gateName: (gate: number, column: Column) => string, flagName: (value: string) => string, options: Omit<BlockOptions, 'gateColumn' | 'below'>): PlannedRest {
  const rewriter = new FlagRewriter(context, values);
  const flagged = rewriter.rewrite(relation);
  const shown = outputs.map(({ column }) => column);
  const flags = [...new Set(shown.flatMap((column) => flagged.flags.get(column) ?? []))];
  const gateColumn = (gate: number, column: Column): string => {
    const value = rewriter.flagOf.get(column);
    return value === undefined ? gateName(gate, column) : flagName(gateName(gate, value));
  };
  const blocks = new Blocks({ ...options, below: false, gateColumn });
  const all = [...shown, ...flags];
  const settled = settleOrder(flagged.relation, shown);
  return {
    query: blocks.query(prune(settled, all), all),
    shows: showsOneGate(flagged.relation, all, gateColumn),
    columns: outputs.map(({ name, column }) => {
      const flag = flagged.flags.get(column);
      return { name, type: column.type, flag: flag === undefined ? null : shown.length + flags.indexOf(flag) };
    }),
  };
}

/** Null where anything is computed, left out or put in order. */
function showsOneGate(relation: Relation, columns: readonly Column[], nameOf: (gate: number, column: Column) => string): PlannedRest['shows'] {
  if (relation.kind === 'gate') return columns.every((column) => relation.columns.includes(column)) ? { gate: relation.gate, columns: columns.map((column) => nameOf(relation.gate, column)) } : null;
  if (relation.kind !== 'project') return null;
  const sources = columns.map((column) => relation.items.find((item) => item.column === column)?.expr);
  const plain = sources.flatMap((expr) => (expr?.kind === 'column' ? [expr.column] : []));
  return plain.length === columns.length ? showsOneGate(relation.input, plain, nameOf) : null;
}

/**
 * Rows that an ORDER BY leaves equal come in the order of all columns shown, and LIMIT takes the first rows of a fixed order:
 * the same released tables always give the same result.
 */
function settleOrder(relation: Relation, shown: readonly Column[]): Relation {
  switch (relation.kind) {
    case 'limit': {
      const input = settleOrder(relation.input, shown);
      if (input.kind === 'sort') return { ...relation, input };
      return { ...relation, input: { kind: 'sort', input, by: (shown.length > 0 ? [...new Set(shown)] : columnsOf(input)).map(byColumn), at: null } };
    }
    case 'sort': {
      const visible = columnsOf(relation.input);
      const settling = shown.length > 0 ? shown.filter((column) => visible.includes(column)) : visible;
      const further = settling.filter((column, i, all) => all.indexOf(column) === i && !relation.by.some(({ expr }) => expr.kind === 'column' && expr.column === column));
      return { ...relation, input: settleOrder(relation.input, shown), by: [...relation.by, ...further.map(byColumn)] };
    }
    case 'filter': case 'project': case 'window': case 'distinct': case 'aggregate': return { ...relation, input: settleOrder(relation.input, []) };
    case 'join': case 'set-operation': return { ...relation, left: settleOrder(relation.left, []), right: settleOrder(relation.right, []) };
    case 'test': case 'lookup': return { ...relation, input: settleOrder(relation.input, []), sub: settleOrder(relation.sub, []) };
    case 'scan': case 'values': case 'single': case 'gate': return relation;
  }
}

const byColumn = (column: Column): SortKey => ({ expr: columnRef(column), descending: false, nulls: null });
