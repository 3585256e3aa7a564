/**
 * Coverage on shapes that the gate was not written for: the corpora through `sluice try` under the policy that protects
 * nothing. What is released equals what the engine itself says; what asks for single units is refused for that reason.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORPORA, readQueries } from '../support/corpus/queries.ts';
import { createTables } from '../support/corpus/tables.ts';
import { MADE } from './made.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
/** Why a query that asks for single units is refused. */
const UNIT_LEVEL = ['gate/unit-rows', 'unit/opaque'];
/** Least share of the other queries that is accepted. What is not, lacks a statistic. */
const COVERAGE = { trade: 1, clicks: 0.8, retail: 0.8 };
const RELATIVE = 1e-9;

interface Line {
  readonly id: string;
  readonly outcome: string;
  readonly rows: readonly (readonly unknown[])[];
  readonly refusals: readonly { readonly code: string }[];
}

/** Numbers as numbers, times in one form: types may widen on the way through the gate. */
function plain(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value !== '' && Number.isFinite(Number(value))) return Number(value);
  return value.replace(/^(\d{4}-\d\d-\d\d) /, '$1T').replace(/T00:00:00$/, '');
}

function isSame(a: unknown, b: unknown): boolean {
  const [x, y] = [plain(a), plain(b)];
  if (typeof x === 'number' && typeof y === 'number') return Math.abs(x - y) <= RELATIVE * Math.max(1, Math.abs(x), Math.abs(y));
  return x === y;
}

const rowsDiffer = (ours: Line['rows'], theirs: Line['rows']): number =>
  ours.length !== theirs.length ? Math.min(ours.length, theirs.length) : ours.findIndex((row, i) => !row.every((value, j) => isSame(value, theirs[i]?.[j])));

describe.each(CORPORA)('%s', (corpus) => {
  const directory = mkdtempSync(join(tmpdir(), `sluice-${corpus}-`));
  const queries = readQueries(corpus);
  const answers = new Map<string, Line>();

  beforeAll(async () => {
    MADE[corpus].generate(directory);
    const run = spawn(process.execPath, ['src/cli/main.ts', 'try', '--dataset', directory, '--policy', 'open', '--batch', '-'], { cwd: ROOT });
    run.stdin.end(queries.map(({ id, sql }) => JSON.stringify({ id, sql })).join('\n'));
    const [out, err] = await Promise.all([text(run.stdout), text(run.stderr)]);
    if (out === '') throw new Error(err);
    for (const line of out.trimEnd().split('\n')) {
      const answer = JSON.parse(line) as Line;
      answers.set(answer.id, answer);
    }
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const answerOf = (id: string): Line => {
    const answer = answers.get(id);
    if (answer === undefined) throw new Error(`no answer to ${id}`);
    return answer;
  };

  test.each(queries.filter(({ expected }) => expected.outcome === 'refused'))('refused: $id', ({ id }) => {
    const { outcome, refusals } = answerOf(id);
    expect(outcome).toBe('refused');
    for (const { code } of refusals) expect(UNIT_LEVEL).toContain(code);
  });

  const accepted = queries.filter(({ expected }) => expected.outcome === 'accepted');

  test('what is released is what the engine says', async () => {
    const engine = await (await DuckDBInstance.create(':memory:')).connect();
    for (const statement of createTables(MADE[corpus].manifest, directory)) await engine.run(statement);
    for (const { id, sql } of accepted) {
      const { outcome, rows } = answerOf(id);
      if (outcome !== 'released') continue;
      const raw = (await engine.runAndReadAll(sql)).getRowsJson();
      const at = rowsDiffer(rows, raw);
      expect(at, `${id}: row ${at}: ${JSON.stringify(rows[at])} where the engine says ${JSON.stringify(raw[at])}`).toBe(-1);
    }
    engine.closeSync();
  });

  test('enough of them are accepted, and the others lack a statistic', () => {
    const others = accepted.map(({ id }) => answerOf(id)).filter(({ outcome }) => outcome !== 'released');
    for (const { id, refusals } of others) expect(refusals.map(({ code }) => code), id).toContain('gate/statistic');
    expect(1 - others.length / accepted.length).toBeGreaterThanOrEqual(COVERAGE[corpus]);
  });
});
