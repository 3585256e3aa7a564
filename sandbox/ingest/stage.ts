/** A table's file as typed rows that keep every declared fact: staged, checked, and dropped or clamped where the manifest says so. */
import type { IngestProblem } from '#contract/job.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import type { IngestEngine } from '../engine/ingest-engine.ts';
import { checkedType, readSql, storedType, unreadableSql } from './column-type.ts';
import { loadHierarchy, type Hierarchy } from './hierarchy.ts';
import type { TablePlan } from './plan.ts';
import { literalChecks, rulesOf, textList, type Rule } from './rules.ts';
import { openSource, type Source } from './source.ts';

export interface StagedTable {
  readonly plan: TablePlan;
  /** Engine table with one column for each of the manifest's, under its own name. */
  readonly name: string;
  readonly source: Source;
  readonly hierarchies: readonly Hierarchy[];
  readonly dropped: number;
  readonly clamped: number;
}

export type StageResult = { readonly staged: StagedTable } | { readonly problems: readonly IngestProblem[] };

/** Type errors of so many columns fit one BIGINT of flags. */
const FLAGS = 62;

export interface StageInput {
  readonly engine: IngestEngine;
  /** Directory of the agency's files. */
  readonly directory: string;
  readonly plan: TablePlan;
  /** Prefix of every engine table that belongs to this one. */
  readonly prefix: string;
  /** Engine table with the accepted rows of a parent. */
  readonly accepted: (table: string) => string;
}

export async function stage({ engine, directory, plan, prefix, accepted }: StageInput): Promise<StageResult> {
  const problems: IngestProblem[] = [];
  for (const { column, sql, describe } of literalChecks(plan)) {
    if ((await engine.value(`SELECT ${sql}`)) === true) problems.push(describe({ table: plan.name, column }));
  }
  if (problems.length > 0) return { problems };

  const domains = await createDomains(engine, plan, prefix);
  const hierarchies: Hierarchy[] = [];
  for (const [i, [column, declared]] of plan.columns.entries()) {
    if (declared.hierarchy === undefined) continue;
    const loaded = await loadHierarchy(engine, directory, plan.name, column, { ...declared, hierarchy: declared.hierarchy }, `${prefix}_h${i}`, domains.get(column) ?? null);
    if ('problems' in loaded) problems.push(...loaded.problems);
    else hierarchies.push(loaded.hierarchy);
  }
  const opened = await openSource(engine, directory, plan.name, plan.declared);
  if ('problems' in opened) return { problems: [...problems, ...opened.problems] };
  if (problems.length > 0) return { problems };

  const { source } = opened;
  const name = `${prefix}_staged`;
  await createStaged(engine, plan, source, name);
  if (source.rows !== null && (await engine.count(`SELECT count(*) FROM ${name}`)) !== source.rows) throw new Error('scan and engine disagree about the rows of a file');
  const rules = rulesOf(plan, {
    staged: name,
    unreadable: (column) => flagSql(plan.columns.findIndex(([c]) => c === column)),
    domainTable: (column) => domains.get(column) ?? null,
    hierarchyTable: (column) => hierarchies.find((h) => h.column === column)?.table ?? null,
    accepted,
  });
  const outcome = await enforce(engine, plan, source, name, rules);
  if ('problems' in outcome) return outcome;
  return { staged: { plan, name, source, hierarchies, ...outcome } };
}

async function createDomains(engine: IngestEngine, plan: TablePlan, prefix: string): Promise<ReadonlyMap<string, string>> {
  const tables = new Map<string, string>();
  for (const [i, [column, { domain, type }]] of plan.columns.entries()) {
    if (domain === undefined) continue;
    const name = `${prefix}_d${i}`;
    await engine.run(`CREATE TABLE ${name} AS SELECT DISTINCT CAST(CAST(v AS ${checkedType(type)}) AS ${storedType(type)}) AS v FROM (SELECT unnest(${textList(domain)}) AS v)`);
    tables.set(column, name);
  }
  return tables;
}

/** Rows keep the order of the file, so that `rowid` leads to the line. Flag i of `__unreadable<n>`: column FLAGS·n + i. */
async function createStaged(engine: IngestEngine, plan: TablePlan, source: Source, name: string): Promise<void> {
  const values = plan.columns.map(([column, { type }]) => `${readSql(source.text.get(column)!, type)} AS ${quoteIdentifier(column)}`);
  const flags: string[] = [];
  for (let start = 0; start < plan.columns.length; start += FLAGS) {
    const bits = plan.columns.slice(start, start + FLAGS).flatMap(([column, { type }], i) =>
      (type === 'varchar' ? [] : [`CASE WHEN ${unreadableSql(source.text.get(column)!, type)} THEN ${2n ** BigInt(i)} ELSE 0 END`]));
    flags.push(`CAST(${bits.length === 0 ? '0' : bits.join(' + ')} AS BIGINT) AS __unreadable${start / FLAGS}`);
  }
  await engine.run(`CREATE TABLE ${name} AS SELECT ${[...values, ...flags].join(', ')} FROM ${source.relation}`);
}

const flagSql = (index: number): string => `(__unreadable${Math.floor(index / FLAGS)} & ${2n ** BigInt(index % FLAGS)}) <> 0`;

type Outcome = { readonly dropped: number; readonly clamped: number } | { readonly problems: readonly IngestProblem[] };

async function enforce(engine: IngestEngine, plan: TablePlan, source: Source, name: string, rules: readonly Rule[]): Promise<Outcome> {
  if (rules.length === 0) return { dropped: 0, clamped: 0 };
  // One scan for all rules: how many rows break each, and the first that does.
  const found = (await engine.rows(`SELECT ${rules.map(({ broken }) => `count_if(${broken}), min(CASE WHEN ${broken} THEN rowid END)`).join(', ')} FROM ${name}`))[0] ?? [];
  const broken = rules.flatMap((rule, i) => {
    const count = Number(found[2 * i]);
    return count === 0 ? [] : [{ rule, count, row: Number(found[2 * i + 1]) }];
  });
  const isHandled = ({ clamped }: Rule): boolean => plan.onViolation === 'drop' || (plan.onViolation === 'clamp' && clamped !== null);
  const refused = broken.filter(({ rule }) => !isHandled(rule));
  if (refused.length > 0) {
    return { problems: refused.map(({ rule, count, row }) => rule.describe({ table: plan.name, column: rule.column, line: source.lineOf(row), count })) };
  }
  let clamped = 0;
  if (plan.onViolation === 'clamp') {
    for (const { rule, count } of broken) {
      await engine.run(`UPDATE ${name} SET ${quoteIdentifier(rule.column)} = ${rule.clamped} WHERE ${rule.broken}`);
      clamped += count;
    }
    return { dropped: 0, clamped };
  }
  if (broken.length === 0) return { dropped: 0, clamped };
  const before = await engine.count(`SELECT count(*) FROM ${name}`);
  await engine.run(`DELETE FROM ${name} WHERE ${broken.map(({ rule }) => `(${rule.broken})`).join(' OR ')}`);
  return { dropped: before - (await engine.count(`SELECT count(*) FROM ${name}`)), clamped };
}
