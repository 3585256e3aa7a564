/** Perturbation tables that come with the program, read once by the worker; the release itself takes them as values. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PERTURBATION_TABLES } from '#contract/policy-supported.ts';
import { readOnsTable } from '#sandbox/sdc/cell-key/ons.ts';
import type { PerturbationTable } from '#sandbox/sdc/cell-key/table.ts';

export function shippedTables(): Readonly<Record<string, PerturbationTable>> {
  return Object.fromEntries(PERTURBATION_TABLES.map((name) => {
    const file = new URL(`../policies/perturbation/${name}.csv.gz`, import.meta.url);
    const table = readOnsTable(gunzipSync(readFileSync(file)).toString('utf8'));
    if (!table.ok) throw new Error(`perturbation table ${name}: ${table.error}`);
    return [name, table.value];
  }));
}
