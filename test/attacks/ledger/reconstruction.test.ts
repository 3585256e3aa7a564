/**
 * Reconstruction of a secret attribute from counts of many overlapping groups, that leave as they are, rounded, or with noise by cell keys: through the whole path, without the
 * ledger and with it. What is measured here is in docs/ledger.md: a ledger takes most of it away and is no proof, differential privacy would be.
 */
import { describe, expect, test } from 'vitest';
import { ledgerTown } from '../../support/ledger-town.ts';
import { reconstruct, SECRETIVE } from '../../support/reconstruction.ts';

const town = ledgerTown(SECRETIVE);
const GUESSED = SECRETIVE.length / 2;

/** How many of the sixty are known at least without the ledger. */
const MECHANISMS = [
  ['suppression', { kind: 'suppress' }, 60],
  ['rounding to the nearest', { kind: 'round', base: 5, method: 'nearest' }, 51],
  ['rounding to midpoints', { kind: 'round', base: 5, method: 'midpoint' }, 51],
  ['controlled rounding', { kind: 'round', base: 5, method: 'controlled' }, 51],
  ['cell keys with a table of our own', { kind: 'cell-key', variance: '3', maxDeviation: 6 }, 47],
  ['cell keys with the table of ONS', { kind: 'cell-key', table: 'ons-10-5' }, 51],
] as const;

describe.each(MECHANISMS)('%s', (_, mechanism, found) => {
  test('without the ledger nearly everybody is found', async () => {
    const { right, answered } = await reconstruct(town, mechanism, 'none');
    expect(answered).toBeGreaterThan(140);
    expect(right).toBeGreaterThanOrEqual(found);
  });

  test.each(['warn', 'refuse'] as const)('with it not many more than by guessing (%s)', async (differencing) => {
    const { right, answered } = await reconstruct(town, mechanism, differencing);
    // Where nothing was answered nothing would be shown.
    expect(answered).toBeGreaterThan(60);
    // Who guesses is right about more than these once in 4,000 times.
    expect(right).toBeLessThanOrEqual(GUESSED + 13);
  });
});
