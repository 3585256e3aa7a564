/**
 * Canonical text of expressions and relations: the same for the same meaning however the operator spells it, as far as names,
 * aliases, derived tables and the order of conjuncts go. For measures, conditions and the ledger; never executed.
 */
import { partsOf, type Bound } from './expression.ts';
import { expressionsOf, inputsOf } from './bind/hoist.ts';
import type { Column, Relation } from './relation.ts';

export function canonicalExpr(expr: Bound): string {
  switch (expr.kind) {
    case 'column': return canonicalColumn(expr.column);
    case 'literal': return expr.value === null ? 'NULL' : `${expr.type} ${JSON.stringify(expr.value)}`;
    case 'call': return `${expr.fn.name}(${expr.args.map(canonicalExpr).join(', ')})`;
    case 'compare': return `(${canonicalExpr(expr.left)} ${expr.op} ${canonicalExpr(expr.right)})`;
    case 'and': case 'or': return `(${expr.args.map(canonicalExpr).toSorted().join(` ${expr.kind} `)})`;
    case 'in': return `(${canonicalExpr(expr.arg)}${expr.negated ? ' not' : ''} in (${expr.list.map(canonicalExpr).toSorted().join(', ')}))`;
    case 'cast': return `cast(${canonicalExpr(expr.arg)} as ${expr.type})`;
    default: return `${expr.kind}(${partsOf(expr).map(canonicalExpr).join(', ')})`;
  }
}

export function canonicalColumn(column: Column): string {
  const { from } = column;
  switch (from.kind) {
    case 'stored': return from.column.stored.kind === 'column' && from.column.stored.name === from.column.name && from.column.source.endsWith(`.${from.column.name}`) ? from.column.source : `${from.column.source}.${from.column.name}`;
    case 'unit': return `${from.table.dataset}.${from.table.name}.<${from.unit}>`;
    case 'record-key': return `<record key of ${from.unit}>`;
    case 'fixed': return from.name;
    case 'computed': return canonicalExpr(from.expr);
    case 'aggregate': return `${from.call.fn.name}${from.call.distinct ? ' distinct' : ''}(${from.call.args.map(canonicalExpr).join(', ')})${from.call.filter === null ? '' : ` filter ${canonicalExpr(from.call.filter)}`}`;
    case 'combined': return `combined(${from.parts.map(canonicalColumn).join(', ')})`;
    case 'lookup': return `lookup(${canonicalColumn(from.column)})`;
    case 'test': return `test(${from.uses.map(canonicalExpr).join(', ')})`;
    case 'window': return `window ${from.call.name}`;
    case 'grouping': return 'grouping';
    case 'constant': return 'constant';
    case 'released': return `gate ${from.gate}`;
  }
}

/** What a relation ranges over: its tables, joins and conditions, without what it shows. */
export function canonicalRelation(relation: Relation): string {
  switch (relation.kind) {
    case 'scan': return `${relation.table.dataset}.${relation.table.name}`;
    case 'project': case 'sort': return canonicalRelation(relation.input);
    case 'filter': return `${canonicalRelation(relation.input)} where ${canonicalExpr(relation.predicate)}`;
    case 'join': return `(${canonicalRelation(relation.left)} ${relation.join} join ${canonicalRelation(relation.right)}${relation.on === null ? '' : ` on ${canonicalExpr(relation.on)}`})`;
    case 'gate': return `gate ${relation.gate}`;
    default: return `${relation.kind}(${[...inputsOf(relation).map(canonicalRelation), ...expressionsOf(relation).map(canonicalExpr)].join('; ')})`;
  }
}
