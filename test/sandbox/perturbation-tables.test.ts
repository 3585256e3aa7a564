/** Tables that a job brings along: used only if they are what the policy names. */
import { describe, expect, test } from 'vitest';
import { digestOf } from '#contract/canonical.ts';
import { packOns, readOnsCsv, type OnsTable } from '#contract/ons-table.ts';
import { tableReference } from '#contract/perturbation-table.ts';
import { Policy } from '#contract/policy.ts';
import { ownTables } from '#sandbox/perturbation-tables.ts';
import { evenly, tableCsv } from '../support/perturbation.ts';

const tableOf = (noise: Parameters<typeof tableCsv>[0]): OnsTable => {
  const read = readOnsCsv(tableCsv(noise));
  if (!read.ok) throw new Error('no table');
  return packOns(read.value);
};
const naming = (table: string) => Policy.parse({ policy: 'p', version: 1, dataset: 'city', statistics: { mechanism: { kind: 'cell-key', table }, units: { person: { min: 10 } }, dimensions: {}, measures: {} } });

describe('tables by digest', () => {
  const table = tableOf(evenly);
  const named = naming(tableReference(digestOf(table)));

  test('are the table, key by key, with the counts that repeat', () => {
    const tables = ownTables([{ policy: named, perturbation: table }, { policy: naming('ons-10-5') }]);
    expect(Object.keys(tables)).toEqual([tableReference(digestOf(table))]);
    const [own] = Object.values(tables);
    for (const [n, pcv] of [[1n, 1], [2n, 2], [750n, 750], [751n, 501], [1000n, 750], [1001n, 501], [10n ** 15n, 750]] as const) {
      for (const key of [0, 1, 255, 256, 2 ** 32 - 1]) expect(own?.noise(n, key)).toBe(BigInt(evenly(pcv, key % 256)));
    }
    expect(own?.noise(0n, 7)).toBe(0n);
  });

  test('other bytes under the digest are not used: the job fails', () => {
    const weaker = tableOf((_, key) => (key === 0 ? 1 : 0));
    const policy = naming(tableReference(digestOf(tableOf((pcv, key) => -evenly(pcv, key)))));
    expect(() => ownTables([{ policy, perturbation: weaker }])).toThrow('not the one that the policy names');
    // A digest of what breaks the rules of the form does not make it a table.
    const silent: OnsTable = packOns(new Int8Array(192_000));
    expect(() => ownTables([{ policy: naming(tableReference(digestOf(silent))), perturbation: silent }])).toThrow('breaks a rule');
  });

  test('a table that is not there is none', () => expect(ownTables([{ policy: named }])).toEqual({}));
});
