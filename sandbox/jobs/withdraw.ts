/**
 * Identifiers of units that withdrew, as the agency's files have them → an addition to the withdrawal list, sealed. They are read as ingest
 * reads them and become the pseudonyms that ingest gives them; neither they nor their pseudonyms leave this process otherwise.
 */
import type { Answer, IngestProblem, WithdrawJob } from '#contract/job.ts';
import { hmacSql, uint127Sql } from '../deidentify/keyed-hash.ts';
import { unitNamespace } from '../deidentify/pseudonym.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import { readSql, unreadableSql } from '../ingest/column-type.ts';
import { planIngest } from '../ingest/plan.ts';
import { problem } from '../ingest/problem.ts';
import { readKey } from '../keys.ts';
import { pseudonymColumn } from '../sql/catalog.ts';
import { sealAddition } from '../withdrawals/addition.ts';
import { requirePinned, type Workspace } from '../workspace.ts';

const GIVEN = '__given';

export async function runWithdraw({ of, by, change, ground, manifest, snapshot, unit, identifiers }: WithdrawJob, workspace: Workspace): Promise<Answer> {
  const { setup: { keys }, random } = workspace;
  requirePinned(workspace, [{ manifest, snapshot }]);
  const { tables } = planIngest(manifest, true).plan;
  const identities = tables.flatMap(({ name, units, declared }) => units.flatMap((path) => (path.kind === unit && path.by === 'column' ? [{ table: name, column: path.column, type: declared.columns[path.column]?.type ?? 'varchar' }] : [])));
  const [first] = identities;
  if (first === undefined) return { kind: 'ingest-refused', problems: [unidentified(unit)] };
  const data = await workspace.data?.session();
  if (data === undefined || keys === null) throw new Error('units are looked up where their data are');
  try {
    await data.loadGroups(GIVEN, [{ name: 'place', type: 'BIGINT' }, { name: 'id', type: 'VARCHAR' }], identifiers.map((id, at) => [String(at), id]));
    // Tables that write the same identifier in columns of other types give it another pseudonym.
    const types = [...new Set(identities.map(({ type }) => type))];
    const read = types.map((type) => `SELECT place, CASE WHEN ${unreadableSql('id', type)} THEN NULL ELSE CAST(${readSql('id', type)} AS VARCHAR) END AS id FROM temp.main.${GIVEN}`).join(' UNION ');
    const unreadable = await numbers(data, `SELECT count(*), coalesce(min(place), 0) FROM (SELECT place FROM (${read}) GROUP BY place HAVING count(id) = 0)`);
    const [bad = 0n, line = 0n] = unreadable;
    if (bad > 0n) {
      return { kind: 'ingest-refused', problems: [problem('ingest/type', { table: first.table, column: first.column, line: Number(line) + 1, count: Number(bad) },
        `not a value of type ${first.type}, so that no unit of kind “${unit}” can have this identifier.`, `不是 ${first.type} 类型的值，“${unit}”类主体不可能有此标识。`)] };
    }
    const given = `SELECT place, ${uint127Sql('h', 0)} AS pseudonym FROM (SELECT place, ${hmacSql(readKey(keys, 'pseudonym'), `${unitNamespace(unit)} || id`)} AS h FROM (${read}) WHERE id IS NOT NULL)`;
    const known = tables.filter(({ units }) => units.some(({ kind }) => kind === unit)).map(({ name }) => `SELECT ${quoteIdentifier(pseudonymColumn(unit))} AS pseudonym FROM ${quoteIdentifier(`${manifest.id}.${name}`)}.main."rows"`);
    const listed = await data.cells(`SELECT DISTINCT pseudonym FROM (${given})`, identifiers.length * types.length);
    // An identifier that is given twice is one unit: the first place at which any of its forms is given stands for it.
    const [units = 0n, found = 0n] = await numbers(data, `SELECT count(*), count_if(known) FROM (SELECT first, bool_or(known) AS known FROM (`
      + `SELECT min(place) OVER (PARTITION BY pseudonym) AS first, pseudonym IN (${known.join(' UNION ALL ')}) AS known FROM (${given})) GROUP BY first)`);
    if (!listed.ok) throw new Error(listed.error.code);
    const pseudonyms = listed.value.rows().map(([pseudonym]) => {
      if (typeof pseudonym !== 'bigint') throw new Error('a pseudonym is a number');
      return pseudonym;
    });
    return { kind: 'withdrawal-sealed', units: Number(units), known: Number(found), sealed: sealAddition(readKey(keys, 'sealing'), of, { change, ground, by, unit, pseudonyms }, random) };
  } finally {
    data.close();
  }
}

/** The only row. Throws where the engine fails. */
async function numbers(data: DataSession, sql: string): Promise<readonly bigint[]> {
  const read = await data.cells(sql, 1);
  if (!read.ok) throw new Error(read.error.code);
  return (read.value.rows()[0] ?? []).map((value) => (typeof value === 'bigint' ? value : BigInt(Number(value))));
}

const unidentified = (unit: string): IngestProblem => problem('ingest/unknown-unit-kind', {},
  `No column of the dataset identifies units of kind “${unit}”, so that there is nothing to name them by.`, `该数据集没有标识“${unit}”类主体的字段，无法指明主体。`);
