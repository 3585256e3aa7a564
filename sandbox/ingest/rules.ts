/** The declared facts of a table as conditions on its staged rows: each says when a row breaks it, and what that is called. */
import type { IngestProblem } from '#contract/job.ts';
import type { Column } from '#contract/manifest.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import { DEFAULT_SCALE, hasInfinities, isDouble, literalSql } from './column-type.ts';
import type { TablePlan } from './plan.ts';
import { problem, type Place } from './problem.ts';

export interface Rule {
  readonly column: string;
  /** SQL condition over the staged table: true for a row that breaks the rule, never NULL. */
  readonly broken: string;
  /** SQL value to put in its place under `clamp`; null where only dropping the row helps. */
  readonly clamped: string | null;
  readonly describe: (place: Place) => IngestProblem;
}

/** Where the rules find what they compare with. */
export interface RuleContext {
  readonly staged: string;
  /** SQL condition: the column's text was no value of its type. */
  readonly unreadable: (column: string) => string;
  readonly domainTable: (column: string) => string | null;
  readonly hierarchyTable: (column: string) => string | null;
  /** Table with the rows of another table that were accepted. */
  readonly accepted: (table: string) => string;
}

export function rulesOf(plan: TablePlan, context: RuleContext): readonly Rule[] {
  return [
    ...plan.columns.flatMap(([name, column]) => columnRules(plan, name, column, context)),
    ...plan.references.map(({ column, parent, key }): Rule => ({
      column,
      broken: `${quoteIdentifier(column)} IS NOT NULL AND ${quoteIdentifier(column)} NOT IN (SELECT ${quoteIdentifier(key)} FROM ${parent === plan.name ? context.staged : context.accepted(parent)} WHERE ${quoteIdentifier(key)} IS NOT NULL)`,
      clamped: null,
      describe: (place) => problem('ingest/missing-parent', place, `it refers to a row of “${parent}” that does not exist or was not accepted.`, `其引用的表“${parent}”中的行不存在或未被接受。`),
    })),
    ...plan.keys.map((key): Rule => ({
      column: key,
      // The first row of each value is kept; the later ones break the rule.
      broken: `rowid IN (SELECT unnest(list(rowid ORDER BY rowid)[2:]) FROM ${context.staged} WHERE ${quoteIdentifier(key)} IS NOT NULL GROUP BY ${quoteIdentifier(key)} HAVING count(*) > 1)`,
      clamped: null,
      describe: (place) => problem('ingest/not-unique', place, 'other tables refer to this column, so no value may occur twice.', '其他表引用了该字段,其取值不得重复。'),
    })),
  ];
}

function columnRules(plan: TablePlan, name: string, column: Column, context: RuleContext): Rule[] {
  const value = quoteIdentifier(name);
  const rules: Rule[] = [];
  const add = (broken: string, code: `ingest/${string}`, en: string, zh: string, clamped: string | null = null): void => {
    rules.push({ column: name, broken, clamped, describe: (place) => problem(code, place, en, zh) });
  };
  const unreadable = context.unreadable(name);
  if (column.type !== 'varchar') {
    add(unreadable, 'ingest/type', `not a value of type ${column.type}${/^(decimal|.*int)/.test(column.type) ? ', or one with more digits than it keeps' : ''}.`, `不是 ${column.type} 类型的值,或超出其可保留的位数。`);
  }
  const unitKinds = plan.units.filter((path) => path.by !== 'row' && path.column === name).map(({ kind }) => kind);
  const missing = `${value} IS NULL AND NOT ${unreadable}`;
  if (unitKinds.length > 0) {
    add(missing, 'ingest/unit-missing', `every row needs its unit “${unitKinds.join('”, “')}”; the field is empty.`, `每行都必须有主体“${unitKinds.join('”、“')}”;该字段为空。`);
  } else if (column.nullable === false) {
    add(missing, 'ingest/null', 'the field is empty, but the column is declared not nullable.', '字段为空,但该列声明为不可为空。');
  }
  const finite = hasInfinities(column.type) ? `isfinite(${value})` : 'true';
  if (hasInfinities(column.type)) add(`${value} IS NOT NULL AND NOT ${finite}`, 'ingest/not-finite', 'NaN and infinities are not accepted.', '不接受 NaN 或无穷值。');
  if (isDouble(column.type)) {
    const scale = column.scale ?? DEFAULT_SCALE;
    add(`coalesce(${finite} AND abs(${value}) >= ${9.2e18 / 10 ** scale}, false)`, 'ingest/scale-overflow',
      `with ${scale} decimal digits a value must be below ${9.2e18 / 10 ** scale}; declare a smaller scale.`, `保留 ${scale} 位小数时,数值必须小于 ${9.2e18 / 10 ** scale};请声明更小的 scale。`);
  }
  for (const [bound, operator, en, zh] of [['min', '<', 'less than the declared minimum', '小于声明的最小值'], ['max', '>', 'greater than the declared maximum', '大于声明的最大值']] as const) {
    const literal = column[bound];
    if (literal === undefined) continue;
    const limit = literalSql(literal, column.type);
    add(`coalesce(${finite} AND ${value} ${operator} ${limit}, false)`, `ingest/${bound}`, `${en} ${literal}.`, `${zh} ${literal}。`, limit);
  }
  const domain = context.domainTable(name);
  if (domain !== null) {
    add(`${value} IS NOT NULL AND ${value} NOT IN (SELECT v FROM ${domain})`, 'ingest/domain', 'not in the declared domain.', '不在声明的取值范围内。');
  }
  const hierarchy = context.hierarchyTable(name);
  if (hierarchy !== null && domain === null) {
    add(`${value} IS NOT NULL AND ${value} NOT IN (SELECT value FROM ${hierarchy})`, 'ingest/hierarchy', 'not in the hierarchy file.', '不在层级文件中。');
  }
  if (plan.declared.recordKey === name) {
    add(`${value} IS NULL OR ${value} < 0 OR ${value} > 4294967295`, 'ingest/record-key', 'a record key must be an integer from 0 to 4294967295.', '记录键必须是 0 到 4294967295 的整数。');
  }
  return rules;
}

/** Bounds and domains of the manifest that are not values of their column's type. */
export function literalChecks(plan: TablePlan): readonly { readonly column: string; readonly sql: string; readonly describe: (place: Place) => IngestProblem }[] {
  return plan.columns.flatMap(([column, { type, min, max, domain }]) => [
    ...(['min', 'max'] as const).flatMap((bound) => {
      const literal = { min, max }[bound];
      return literal === undefined ? [] : [{
        column, sql: `TRY(${literalSql(literal, type)}) IS NULL`,
        describe: (place: Place) => problem('ingest/bound', place, `the declared ${bound} is not a value of type ${type}.`, `声明的 ${bound} 不是 ${type} 类型的值。`),
      }];
    }),
    ...(min === undefined || max === undefined ? [] : [{
      column, sql: `coalesce(TRY(${literalSql(min, type)}) > TRY(${literalSql(max, type)}), false)`,
      describe: (place: Place) => problem('ingest/bound', place, 'the declared minimum is greater than the declared maximum.', '声明的最小值大于最大值。'),
    }]),
    ...(domain === undefined || domain.length === 0 ? [] : [{
      column, sql: `(SELECT count_if(TRY_CAST(v AS ${type.toUpperCase()}) IS NULL) > 0 FROM (SELECT unnest(${textList(domain)}) AS v))`,
      describe: (place: Place) => problem('ingest/domain-type', place, `a member of the declared domain is not a value of type ${type}.`, `声明的取值范围中有值不属于 ${type} 类型。`),
    }]),
  ]);
}

export const textList = (texts: readonly string[]): string => `[${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]::VARCHAR[]`;
