/**
 * Shapes that people write, through the gate under the policy `open`: each is answered as plain DuckDB answers it, or refused
 * for the reason that is expected of it. The rates are held to.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORPORA, readQueries } from '../support/corpus/queries.ts';
import { loadCorpus, type LoadedCorpus } from '../support/corpus/loaded.ts';
import { difference } from '../support/same-result.ts';
import { plain, rawResult } from '../support/sql/raw.ts';
import { throughGate } from '../support/sql/through-gate.ts';
import { PENDING, TIES } from './pending.ts';

/** The codes that say that a query asks for rows of single units, or groups by the unit itself. */
const UNIT_LEVEL = ['gate/unit-rows', 'unit/opaque'];

/** Least share of the queries that do not ask for unit-level rows. TPC-H: 19 of 22 in all. */
const LEAST = { trade: 1, clicks: 0.8, retail: 0.8 } as const;

describe.each(CORPORA)('%s', (corpus) => {
  const queries = readQueries(corpus);
  let loaded: LoadedCorpus;
  beforeAll(async () => { loaded = await loadCorpus(corpus); });
  afterAll(() => { loaded.close(); });

  test.each(queries)('$id: $about', async ({ id, sql, expected }) => {
    const name = `${corpus}/${id}`;
    const pending = PENDING[name];
    const answer = await throughGate(loaded.connection, loaded.datasets, sql);
    if (expected.outcome === 'refused' || pending !== undefined) {
      const codes = answer.ok ? ['answered'] : [...new Set(answer.error.map(({ code }) => code))];
      if (pending !== undefined) expect(codes).toEqual(pending.codes);
      else expect(codes.filter((code) => !UNIT_LEVEL.includes(code)), 'refused for asking for rows of units, and for nothing else').toEqual([]);
      return;
    }
    if (!answer.ok) throw new Error(answer.error.map(({ code, message }) => `${code}: ${message.en}`).join('\n'));
    const ordered = /\border\s+by\b[^)]*$/i.test(sql) && !TIES.has(name);
    expect(difference(plain(answer.value), await rawResult(loaded.connection, sql), ordered)).toBeNull();
  });

  test('the share of answered queries', () => {
    const wanted = queries.filter(({ expected }) => expected.outcome === 'accepted');
    const answered = wanted.filter(({ id }) => PENDING[`${corpus}/${id}`] === undefined);
    expect(answered.length / wanted.length).toBeGreaterThanOrEqual(LEAST[corpus]);
    if (corpus === 'trade') expect(answered.length).toBe(19);
  });
});
