/** What is counted in memory is what the engine answers: who is behind each cell, and which cells units share. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PinnedDataset } from '#contract/job.ts';
import { Manifest } from '#contract/manifest.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { Policy } from '#contract/policy.ts';
import type { DataSession } from '#sandbox/engine/data-engine.ts';
import { ingest } from '#sandbox/ingest/ingest.ts';
import { ensureKeys } from '#sandbox/keys.ts';
import { classesOf } from '#sandbox/ledger/classes.ts';
import { concerns, facesOf } from '#sandbox/ledger/face.ts';
import { KeptPopulations, Populations } from '#sandbox/ledger/populations.ts';
import { stripsOf, type GatePopulations, type JobStrip } from '#sandbox/ledger/strips.ts';
import { effectiveRules } from '#sandbox/release/effective-rules.ts';
import { compile } from '#sandbox/sql/compile.ts';
import { openData, openWorkspace, type Workspace } from '#sandbox/workspace.ts';
import fc from '../../support/fast-check.ts';

const MANIFEST = Manifest.parse({
  id: 'town',
  tables: {
    people: {
      file: 'people.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' },
        ward: { type: 'varchar', role: 'quasi', domain: ['甲', 'q"', "it's", '[1, 2]', ''] },
        age: { type: 'integer', role: 'quasi', min: '0', max: '120' },
        born: { type: 'date', role: 'quasi', min: '1990-01-01', max: '1999-12-31' },
        married: { type: 'boolean', role: 'quasi' },
        income: { type: 'bigint', role: 'sensitive', min: '-10000000000', max: '10000000000' },
        rent: { type: 'decimal(12,2)', role: 'sensitive', min: '-5000', max: '5000' },
        weight: { type: 'double', role: 'sensitive', min: '-100', max: '100', scale: 3 },
      },
    },
  },
});

const POLICY = Policy.parse({
  policy: 'town-statistics', version: 1, dataset: 'town',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 3 } }, differencing: 'warn', dominance: [{ rule: 'nk', n: 2, k: 80 }],
    dimensions: { 'people.ward': { categories: 'all' }, 'people.age': { levels: ['age'] }, 'people.born': { levels: ['month', 'year'] }, 'people.married': { categories: 'all' } },
    measures: { 'people.income': ['count', 'sum', 'avg', 'stddev'], 'people.rent': ['count', 'sum', 'avg'], 'people.weight': ['count', 'sum'] },
  },
});

const from = <T>(values: readonly T[], i: number): T => values[i % values.length]!;
const ROWS = Array.from({ length: 900 }, (_, i) => {
  const some = (value: string | number, each: number): string => (i % each === 3 ? '' : String(value));
  return [
    `p${i}`, i % 19 === 3 ? '' : `"${from(['甲', 'q""', "it's", '[1, 2]'], (i * i) % 7)}"`, some((i * 37) % 60, 13), some(`199${i % 10}-0${1 + (i % 9)}-11`, 17), some(i % 3 === 0 ? 'true' : 'false', 23),
    some((i % 2 === 0 ? 1 : -1) * ((i * 7_919_317) % 9_000_000_000), 7), some((((i * 7919) % 900_000) / 100 - 4500).toFixed(2), 11), some((((i * 104_729) % 199_999) / 1000 - 100).toFixed(3), 5),
  ].join(',');
});

const HOME = mkdtempSync(join(tmpdir(), 'sluice-rows-'));
let workspace: Workspace;
let data: DataSession;
let dataset: PinnedDataset;

beforeAll(async () => {
  const [keys, source, store] = [join(HOME, 'keys'), join(HOME, 'source'), join(HOME, 'store')];
  ensureKeys(keys, randomBytes);
  mkdirSync(source);
  writeFileSync(join(source, 'people.csv'), `id,ward,age,born,married,income,rent,weight\n${ROWS.join('\n')}\n`);
  const taken = await ingest({ kind: 'ingest', manifest: MANIFEST, source, trial: true }, { keys, snapshotStore: store, limits: { memoryMb: 256, threads: 2 }, random: randomBytes });
  if (!taken.ok) throw new Error(JSON.stringify(taken.error));
  const { manifest, snapshot } = taken.value;
  dataset = { manifest, snapshot, policy: POLICY, policyDigest: policyDigest(POLICY) };
  workspace = await openWorkspace({ kind: 'setup', keys, verify: false, snapshotStore: null, memoryMb: 256, threads: 2, snapshots: [{ dataset: 'town', snapshot, directory: join(store, snapshot) }] }, randomBytes);
  const opened = await openData(workspace, { datasets: [dataset], withdrawals: null });
  if (opened === null) throw new Error('no data');
  data = opened;
}, 60_000);
afterAll(() => {
  data.close();
  workspace.data?.close();
  workspace.scratch.close();
  rmSync(HOME, { recursive: true, force: true });
});

async function gatesOf(sql: string): Promise<readonly GatePopulations[]> {
  const columns = Object.keys(MANIFEST.tables['people']!.columns).map((column) => `town.people.${column}`);
  const compiled = await compile({ text: sql, datasets: [dataset], columns, limits: { gates: 9, resultCells: 100_000 }, engine: workspace.scratch.empty });
  if (!compiled.ok) throw new Error(`${sql}: ${JSON.stringify(compiled.error)}`);
  return compiled.value.gates;
}

type How = (gate: GatePopulations) => GatePopulations;
const inMemory: How = (gate) => gate;
/** All populations in one read of the rows. */
const byEngine: How = (gate) => ({ ...gate, populations: gate.populations.map(({ flat, ...population }) => ({ ...population, flat: flat === null ? null : { ...flat, stored: false } })) });
/** As of units with several rows. */
const oneByOne: How = (gate) => ({ ...gate, populations: gate.populations.map((population) => ({ ...population, flat: null })) });

const KEYS = ['ward', 'age', "date_trunc('month', born)", 'year(born)', 'married'];
const NUMBERS = ['count(*)', 'count(income)', 'sum(income)', 'avg(rent)', 'sum(rent)', 'stddev(income)', 'sum(weight)', 'count(weight)'];
const CONDITIONS = ["ward IN ('甲', 'it''s')", 'age < 30', 'age IS NULL', 'married', 'NOT (age >= 20)', "born >= DATE '1993-01-01' AND age <> 7", 'FALSE', 'age > 10 OR married'];
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const question = fc.record({
  by: fc.subarray(KEYS, { maxLength: 3 }), numbers: fc.subarray(NUMBERS, { minLength: 1, maxLength: 3 }), where: maybe(fc.constantFrom(...CONDITIONS)), branch: maybe(fc.constantFrom(...CONDITIONS)),
}).map(({ by, numbers, where, branch }) => `SELECT ${[...by, ...numbers, ...(branch === null ? [] : [`${numbers[0] ?? ''} FILTER (WHERE ${branch})`])].join(', ')} FROM people${where === null ? '' : ` WHERE ${where}`}${by.length === 0 ? '' : ` GROUP BY ${by.join(', ')}`}`);

const RUNS = { numRuns: Number(process.env['SLUICE_RUNS'] ?? 40), seed: 2 };
/** As one worker has it that has answered many. */
const kept = new KeptPopulations();

test('populations', async () => {
  let groups = 0;
  await fc.assert(fc.asyncProperty(question, async (sql) => {
    const here = new Populations(data, kept);
    const there = new Populations(data, new KeptPopulations());
    for (const gate of await gatesOf(sql)) {
      for (const { kind, sql: text, flat } of gate.populations) {
        if (flat?.stored !== true) throw new Error(`the engine is asked: ${sql}`);
        const faces = facesOf(gate.spec).filter((face) => concerns(face, kind));
        const [mine, theirs] = [{ sql: text, flat, keys: gate.spec.keys.length }, { sql: text, flat: { ...flat, stored: false }, keys: gate.spec.keys.length }];
        const read = await here.read(mine, faces, true);
        expect(await here.inMemory(faces.map((face) => ({ population: mine, face })))).not.toBeNull();
        // Without keys there is a group of nobody; a group in which nobody contributes need not be there.
        const someone = (all: Awaited<ReturnType<Populations['read']>>) => all?.filter(({ faces: of }) => of.some(({ units }) => units > 0));
        expect(someone(read)).toEqual(someone(await there.read(theirs, faces, false)));
        groups += read?.length ?? 0;
      }
    }
  }), RUNS);
  expect(groups).toBeGreaterThan(RUNS.numRuns * 5);
}, 120_000);

test('cells that units share', async () => {
  let shared = 0;
  let summed = 0;
  await fc.assert(fc.asyncProperty(fc.array(question, { minLength: 1, maxLength: 3 }), async (asked) => {
    const past = { memories: [], datasets: [dataset], data };
    const both = [];
    // Of one table, where everybody is known to be in one cell of it, nothing is read in memory: only series that are read there are compared.
    let read: ReadonlySet<string> | null = null;
    for (const how of [inMemory, byEngine, oneByOne]) {
      const populations = new Populations(data, how === inMemory ? kept : new KeptPopulations());
      const strips: JobStrip[] = [];
      for (const sql of asked) {
        for (const gate of await gatesOf(sql)) {
          const rules = effectiveRules(gate.spec, [dataset]);
          if (!rules.ok) throw new Error(JSON.stringify(rules.error));
          strips.push(...await stripsOf(how(gate), [], rules.value, populations));
        }
      }
      const classes = await classesOf(strips, past, populations);
      read ??= new Set(strips.filter((strip) => classes.get(strip)?.open.includes(strip)).map(({ series }) => series));
      const compared = strips.filter(({ series }) => read?.has(series));
      // Classes are numbered as they are met: named by the cells that they are in, they are the same.
      const cells = compared.map((strip) => [...strip.cells.values()].map(({ key }) => ({ key, of: classes.get(strip)?.own(strip, key) })));
      const names = new Map<string, string[]>();
      cells.forEach((of, s) => of.forEach(({ key, of: own }) => own?.classes.forEach((cls, i) => {
        const name = `${compared[s]!.series} ${cls}`;
        names.set(name, [...names.get(name) ?? [], `${s} ${key} ${own.rows[i]}`]);
      })));
      both.push([...names].map(([name, of]) => {
        const at = name.lastIndexOf(' ');
        const [series, cls] = [classes.get(compared.find(({ series }) => series === name.slice(0, at))!), Number(name.slice(at + 1))];
        const { net = 0, absolute = 0, largest = [] } = series?.amounts.get(cls) ?? {};
        if (largest.length > 1) summed++;
        // Who has no value adds nothing.
        return `${series?.units.get(cls)}, ${[net, absolute, ...largest.filter((amount) => amount > 0)].map((amount) => amount.toPrecision(10))}: ${of.sort().join('; ')}`;
      }).sort());
    }
    const [here, there, one] = both;
    expect(there).toEqual(here);
    expect(one).toEqual(here);
    shared += here?.length ?? 0;
  }), { ...RUNS, numRuns: RUNS.numRuns / 2 });
  expect(shared).toBeGreaterThan(RUNS.numRuns / 2);
  expect(summed).toBeGreaterThan(RUNS.numRuns / 2);
}, 120_000);
