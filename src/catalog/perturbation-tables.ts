/** Perturbation tables of an agency's own: checked when they are loaded, kept by digest, and named by the policies of that agency only. */
import type { LoadTable, TableLoaded, TableSummary, TableView } from '#contract/api/perturbation-tables.ts';
import type { Digest } from '#contract/canonical.ts';
import type { OrganisationId } from '#contract/id.ts';
import { statedNoise } from '#contract/noise-size.ts';
import { fixedLines, onsLines, onsSize, packOns, readOnsCsv, unpackOns, writeOnsCsv, type OnsNoise } from '#contract/ons-table.ts';
import { SHIPPED_TABLES, tableReference, withTableByDigest } from '#contract/perturbation-table.ts';
import type { Policy } from '#contract/policy.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { keepDocument, tableOf } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import { statedNoiseOf, tableByDigest, tableByName, tablesByName, type PerturbationTableRow } from '#src/store/perturbation-tables.ts';
import type { Store } from '#src/store/store.ts';

/**
 * Loading the same table under the same name again gives what is there, and records nothing.
 * Fails `perturbation-tables/invalid` with every problem (at most 20), `perturbation-tables/name-taken`.
 */
export async function loadTable(store: Store, principal: Principal, { name, csv }: LoadTable): Promise<Result<TableLoaded, Failure>> {
  if (!mayAct('perturbation-table.load', principal, {})) return absent();
  const read = readOnsCsv(csv);
  if (!read.ok) {
    const [first] = read.error;
    const at = first?.line == null ? text('', '') : text(`, line ${first.line}`, `，第 ${first.line} 行`);
    return fail('perturbation-tables/invalid', text(`The table cannot be used${at.en}: ${first?.message.en ?? ''}`, `该表无法使用${at.zh}：${first?.message.zh ?? ''}`), {
      errors: read.error.map(({ line, message }) => ({ at: line === null ? 'body/csv' : `body/csv/line ${line}`, message })),
    });
  }
  const noise = read.value;
  const document = packOns(noise);
  const size = statedNoise(onsSize(noise));
  const { organisation } = principal;
  return store.transact<TableLoaded, Failure>(actorOf(principal), (tx) => {
    const table = keepDocument(tx, document);
    const before = tableByName(tx.db, organisation, name);
    if (SHIPPED_TABLES.includes(name) || (before !== undefined && before.table !== table)) return nameTaken(name);
    if (before === undefined) tx.record({ kind: 'perturbation-table.loaded', table, name, organisation, noise: size });
    const row = before ?? tableByName(tx.db, organisation, name);
    if (row === undefined) throw new Error('a perturbation table is missing after its event');
    return ok({ ...tableSummary(row), fixed: fixedLines(noise) });
  });
}

const nameTaken = (name: string) => fail('perturbation-tables/name-taken', text(
  `The name “${name}” stands for another table, and a name is given once. Choose another; policies that name the earlier table keep it.`,
  `名称“${name}”已对应另一扰动表，名称只能使用一次。请更换名称；引用原表的策略不受影响。`,
));

/** Names and references of the tables that policies of an agency may name, beside those that ship. */
export function loadedTables(db: Reader, organisation: OrganisationId): readonly string[] {
  return [...tablesByName(db, organisation)].flatMap(([name, table]) => [name, tableReference(table)]);
}

/** The policy as it is kept: its table by digest. */
export const asKept = <P extends Policy>(db: Reader, organisation: OrganisationId, policy: P): P => withTableByDigest(policy, tablesByName(db, organisation));

/** Whose tables a caller sees: an agency its own, the auditor all. */
export const tablesSeenBy = (principal: Principal): OrganisationId | null => (principal.role === 'auditor' ? null : principal.organisation);

export function tableSummary(row: PerturbationTableRow): TableSummary {
  return { name: row.name, table: row.table, reference: tableReference(row.table), organisation: row.organisation, noise: statedNoiseOf(row), loadedAt: row.loaded_at };
}

/** Another agency's table is absent. Where one was loaded under several names, the first. */
export function readTable(db: Reader, principal: Principal, table: Digest): Result<TableView, Failure> {
  const [row] = tableByDigest(db, tablesSeenBy(principal), table);
  if (row === undefined) return absent();
  const noise = noiseOf(db, table);
  return ok({ ...tableSummary(row), fixed: fixedLines(noise), lines: [...onsLines(noise)] });
}

export function tableAsCsv(db: Reader, principal: Principal, table: Digest): Result<string, Failure> {
  return tableByDigest(db, tablesSeenBy(principal), table).length === 0 ? absent() : ok(writeOnsCsv(noiseOf(db, table)));
}

function noiseOf(db: Reader, table: Digest): OnsNoise {
  const noise = unpackOns(tableOf(db, table));
  if (!noise.ok) throw new Error('a perturbation table was kept that breaks a rule of its form');
  return noise.value;
}
