/** Names of result columns. They never reach the engine: printed SQL has names of its own. */
import type { Expr } from '../query.ts';
import type { BindContext } from './context.ts';

const ALIAS = /^[\p{L}\p{M}\p{N}_%#<>≤≥][\p{L}\p{M}\p{N}_ .,:;%#&()（）/+·、<>=≤≥-]{0,62}$/u;

/** Letters, digits and the punctuation of table headings; nothing that could pass for a quote or a comment, and at its start nothing that a spreadsheet would compute. */
export function checkAlias(context: BindContext, alias: string, at: number | null): void {
  if (!ALIAS.test(alias) || alias.includes('--') || alias.startsWith('__')) context.refusals.add('sql/identifier', at, { name: alias.slice(0, 40) });
}

/** What DuckDB calls a column without an alias. */
export function nameOf(expr: Expr): string {
  switch (expr.kind) {
    case 'column': return expr.path.at(-1) ?? '';
    case 'literal': return expr.value === null ? 'NULL' : expr.type === 'VARCHAR' ? `'${expr.value}'` : expr.type === 'BOOLEAN' ? `CAST('${expr.value.slice(0, 1)}' AS BOOLEAN)` : expr.value;
    case 'call': {
      if (expr.name === 'count_star') return 'count_star()';
      const args = expr.args.map(nameOf);
      if (expr.operator && args.length === 2) return `(${args.join(` ${expr.name} `)})`;
      return expr.operator ? `${expr.name}${args.join('')}` : `${expr.name}(${expr.distinct ? 'DISTINCT ' : ''}${args.join(', ')})`;
    }
    case 'compare': return `(${nameOf(expr.left)} ${expr.op} ${nameOf(expr.right)})`;
    case 'and': case 'or': return `(${expr.args.map(nameOf).join(` ${expr.kind.toUpperCase()} `)})`;
    case 'not': return `(NOT ${nameOf(expr.arg)})`;
    case 'is-null': return `(${nameOf(expr.arg)} IS NULL)`;
    case 'is-not-null': return `(${nameOf(expr.arg)} IS NOT NULL)`;
    case 'in': return `(${nameOf(expr.arg)}${expr.negated ? ' NOT' : ''} IN (${expr.list.map(nameOf).join(', ')}))`;
    case 'between': return `(${nameOf(expr.arg)} BETWEEN ${nameOf(expr.low)} AND ${nameOf(expr.high)})`;
    case 'case': return `CASE ${expr.branches.map(({ when, then }) => ` WHEN (${nameOf(when)}) THEN (${nameOf(then)})`).join('')} ELSE ${nameOf(expr.otherwise)} END`;
    case 'coalesce': return `COALESCE(${expr.args.map(nameOf).join(', ')})`;
    case 'cast': return `${expr.try ? 'TRY_CAST' : 'CAST'}(${nameOf(expr.arg)} AS ${expr.type.replace(',', ', ')})`;
    case 'grouping': return `GROUPING(${expr.args.map(nameOf).join(', ')})`;
    case 'window': return `${expr.name}(${expr.args.map(nameOf).join(', ')}) OVER (...)`;
    case 'scalar-query': case 'exists': case 'any': return 'subquery';
    case 'refused': return '?';
  }
}
