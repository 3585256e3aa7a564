/** Named perturbation tables as the release takes them: those that come with the program, and those that a job brings with its policies. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { digestOf, type Digest } from '#contract/canonical.ts';
import type { PinnedDataset } from '#contract/job.ts';
import { readOnsCsv, unpackOns } from '#contract/ons-table.ts';
import { ownTableOf, SHIPPED_TABLES, tableReference } from '#contract/perturbation-table.ts';
import { onsTable } from './sdc/cell-key/ons.ts';
import type { PerturbationTable } from './sdc/cell-key/table.ts';

export function shippedTables(): Readonly<Record<string, PerturbationTable>> {
  return Object.fromEntries(SHIPPED_TABLES.map((name) => {
    const file = new URL(`../policies/perturbation/${name}.csv.gz`, import.meta.url);
    const table = readOnsCsv(gunzipSync(readFileSync(file)).toString('utf8'));
    if (!table.ok) throw new Error(`perturbation table ${name}: ${table.error[0]?.message.en ?? ''}`);
    return [name, onsTable(table.value)];
  }));
}

/** Tables of agencies that this worker has checked: under its digest a table never changes. Few, and each is 192 KB. */
const checked = new Map<Digest, PerturbationTable>();
const MOST_CHECKED = 16;

/**
 * The tables that these policies name by digest.
 * INVARIANT (what a policy names is what is used): a table counts as named only if its bytes have that digest. Throws where they do not, or
 * where the table breaks a rule of its form; one that is not there at all is no table, and the release refuses.
 */
export function ownTables(datasets: readonly Pick<PinnedDataset, 'policy' | 'perturbation'>[]): Readonly<Record<string, PerturbationTable>> {
  const tables: Record<string, PerturbationTable> = {};
  for (const { policy, perturbation } of datasets) {
    const digest = ownTableOf(policy);
    if (digest === null || perturbation === undefined) continue;
    tables[tableReference(digest)] = checkedTable(digest, perturbation);
  }
  return tables;
}

function checkedTable(digest: Digest, document: NonNullable<PinnedDataset['perturbation']>): PerturbationTable {
  const known = checked.get(digest);
  if (known !== undefined) return known;
  if (digestOf(document) !== digest) throw new Error('the perturbation table is not the one that the policy names');
  const noise = unpackOns(document);
  if (!noise.ok) throw new Error('the perturbation table breaks a rule of its form');
  const table = onsTable(noise.value);
  const [oldest] = checked.keys();
  if (oldest !== undefined && checked.size >= MOST_CHECKED) checked.delete(oldest);
  checked.set(digest, table);
  return table;
}
