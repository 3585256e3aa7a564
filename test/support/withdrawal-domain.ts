/** Persons, enterprises, who works where, and visits that name a person by a membership number; with or without some of them. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestBytes, type Digest } from '#contract/canonical.ts';
import { nextHead, type ChainEntry } from '#contract/chain.ts';
import { BatchId, JobId, newId, OrganisationId } from '#contract/id.ts';
import type { Answer, WithdrawJob } from '#contract/job.ts';
import { Manifest } from '#contract/manifest.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { Policy } from '#contract/policy.ts';
import { ingest } from '#sandbox/ingest/ingest.ts';
import { ensureKeys, readKey } from '#sandbox/keys.ts';
import { runJob } from '#sandbox/run-job.ts';
import { openWorkspace, type Workspace } from '#sandbox/workspace.ts';

export const MANIFEST = Manifest.parse({
  id: 'town',
  tables: {
    persons: {
      file: 'persons.csv', units: { person: 'number' }, maxRowsPerUnit: { person: 1 },
      columns: {
        number: { type: 'bigint', role: 'unit' }, member: { type: 'varchar', role: 'quasi' },
        ward: { type: 'varchar', role: 'quasi', domain: ['甲', '乙', '丙', '丁'], references: 'wards.ward' }, age: { type: 'integer', role: 'quasi', min: '0', max: '120' }, income: { type: 'decimal(12,2)', role: 'sensitive', min: '0', max: '100000' },
      },
    },
    visits: {
      file: 'visits.csv', units: { person: 'member' }, maxRowsPerUnit: { person: 3 },
      columns: { member: { type: 'varchar', role: 'quasi', references: 'persons.member' }, cost: { type: 'double', role: 'sensitive', min: '0', max: '1000', scale: 2 } },
    },
    firms: {
      file: 'firms.csv', units: { enterprise: 'code' }, maxRowsPerUnit: { enterprise: 1 },
      columns: { code: { type: 'varchar', role: 'unit' }, trade: { type: 'varchar', role: 'quasi', domain: ['a', 'b'] }, capital: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000' } },
    },
    jobs: {
      file: 'jobs.csv', units: { person: 'number', enterprise: 'code' }, maxRowsPerUnit: { person: 2, enterprise: 200 },
      columns: { number: { type: 'bigint', role: 'unit', references: 'persons.number' }, code: { type: 'varchar', role: 'unit', references: 'firms.code' }, wage: { type: 'integer', role: 'sensitive', min: '0', max: '100000' } },
    },
    wards: { file: 'wards.csv', columns: { ward: { type: 'varchar', role: 'plain' }, side: { type: 'varchar', role: 'plain' } } },
    sensors: { file: 'sensors.csv', units: 'row', columns: { reading: { type: 'integer', role: 'plain', min: '0', max: '9' } } },
  },
});

export const PERSONS = Array.from({ length: 240 }, (_, i) => ({ number: String(100_000 + i * 7), member: `m${i}`, ward: '甲乙丙丁'[i % 4] ?? '', age: (i * 37) % 90, income: (1000 + ((i * 7919) % 5000)).toFixed(2) }));
export const FIRMS = Array.from({ length: 24 }, (_, i) => ({ code: `f${i}`, trade: i % 2 === 0 ? 'a' : 'b', capital: 1000 + i * 17 }));

const POLICY = Policy.parse({
  policy: 'town-statistics', version: 1, dataset: 'town',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 5 }, enterprise: { min: 3 }, row: { min: 1 } }, dominance: [{ rule: 'nk', n: 2, k: 90 }],
    dimensions: { 'persons.ward': { categories: 'all' }, 'persons.age': { bands: [30, 60] }, 'firms.trade': { categories: 'all' } },
    measures: { 'persons.income': ['count', 'sum', 'avg', 'stddev', 'quantile'], 'visits.cost': ['count', 'sum', 'avg'], 'firms.capital': ['sum'], 'jobs.wage': ['count', 'sum', 'avg'], 'sensors.reading': ['sum'] },
    joins: [['persons.number', 'jobs.number'], ['firms.code', 'jobs.code'], ['persons.member', 'visits.member'], ['persons.ward', 'wards.ward']],
  },
});

/** Who is not in the files at all. */
export interface Without {
  readonly persons: ReadonlySet<string>;
  readonly firms: ReadonlySet<string>;
}
export const EVERYBODY: Without = { persons: new Set(), firms: new Set() };

interface Snapshot { readonly manifest: Manifest; readonly snapshot: Digest; readonly directory: string }
type Batch = Pick<WithdrawJob, 'unit' | 'identifiers'> & Partial<Pick<WithdrawJob, 'change' | 'ground' | 'by'>>;

export const AGENCY = OrganisationId.parse(newId('org', () => new Uint8Array(16)));

export class WithdrawalDomain {
  readonly #home = mkdtempSync(join(tmpdir(), 'sluice-withdrawals-'));
  readonly #keys = join(this.#home, 'keys');
  readonly #open: Workspace[] = [];
  readonly chain: ChainEntry[] = [];
  #loads = 0;

  constructor() {
    ensureKeys(this.#keys, randomBytes);
  }

  async load({ persons, firms }: Without): Promise<Snapshot> {
    const source = join(this.#home, `source-${this.#loads++}`);
    mkdirSync(source);
    const csv = (name: string, header: string, rows: readonly string[]) => writeFileSync(join(source, `${name}.csv`), `${header}\n${rows.map((row) => `${row}\n`).join('')}`);
    const here = PERSONS.flatMap((person, i) => (persons.has(person.number) ? [] : [{ ...person, i }]));
    // The file writes the same number with leading zeros in one table only.
    csv('persons', 'number,member,ward,age,income', here.map(({ number, member, ward, age, income }) => `00${number},${member},${ward},${age},${income}`));
    csv('visits', 'member,cost', here.flatMap(({ member, i }) => Array.from({ length: i % 4 }, (_, v) => `${member},${(i % 50) + v / 4}`)));
    csv('firms', 'code,trade,capital', FIRMS.filter(({ code }) => !firms.has(code)).map(({ code, trade, capital }) => `${code},${trade},${capital}`));
    csv('jobs', 'number,code,wage', here.flatMap(({ number, i }) => [i % 24, ...(i % 5 === 0 ? [(i + 1) % 24] : [])].filter((f) => !firms.has(`f${f}`)).map((f) => `${number},f${f},${3000 + i}`)));
    csv('wards', 'ward,side', ['甲,w', '乙,w', '丙,e', '丁,e']);
    csv('sensors', 'reading', Array.from({ length: 30 }, (_, i) => String(i % 10)));
    const store = join(this.#home, 'snapshots');
    const taken = await ingest({ kind: 'ingest', manifest: MANIFEST, source, trial: true }, { keys: this.#keys, snapshotStore: store, limits: { memoryMb: 256, threads: 2 }, random: randomBytes });
    if (!taken.ok) throw new Error(JSON.stringify(taken.error));
    return { manifest: taken.value.manifest, snapshot: taken.value.snapshot, directory: join(store, taken.value.snapshot) };
  }

  async worker({ snapshot, directory }: Snapshot): Promise<Workspace> {
    const workspace = await openWorkspace({ kind: 'setup', keys: this.#keys, verify: false, snapshotStore: null, memoryMb: 256, threads: 2, snapshots: [{ dataset: 'town', snapshot, directory }] }, randomBytes);
    this.#open.push(workspace);
    return workspace;
  }

  /** What a worker makes of a batch; the chain goes on with it unless it was refused. */
  async record(loaded: Snapshot, { change = 'withdraw', ground = 'consent', by = AGENCY, ...batch }: Batch): Promise<Answer> {
    const of = BatchId.parse(newId('batch', randomBytes));
    const { manifest, snapshot } = loaded;
    const answer = await runJob({ kind: 'withdraw', of, by, change, ground, manifest, snapshot, ...batch }, await this.worker(loaded));
    if (answer.kind === 'withdrawal-sealed') this.chain.push({ of, sealed: answer.sealed, head: nextHead(this.chain.at(-1)?.head ?? null, digestBytes(Buffer.from(answer.sealed, 'base64'))) });
    return answer;
  }

  /** Tells a worker the chain up to its n-th entry. */
  async tell(workspace: Workspace, upTo = this.chain.length): Promise<void> {
    const from = this.chain.findIndex(({ head }) => head === workspace.withdrawals.head) + 1;
    const entries = this.chain.slice(from, upTo);
    if (entries.length > 0) await runJob({ kind: 'chain', chain: 'withdrawals', entries }, workspace);
  }

  async ask(workspace: Workspace, { manifest, snapshot }: Snapshot, sql: string, head: Digest | null = workspace.withdrawals.head, by = AGENCY): Promise<Answer> {
    return runJob({
      kind: 'sql', job: JobId.parse(newId('job', randomBytes)), sql, datasets: [{ manifest, snapshot, policy: POLICY, policyDigest: policyDigest(POLICY) }], limits: { gates: 20, resultCells: 10_000 }, ledgerHead: null, withdrawals: head === null ? null : { head, by }, evidence: false,
      columns: Object.entries(MANIFEST.tables).flatMap(([table, { columns }]) => Object.keys(columns).map((column) => `town.${table}.${column}`)),
    }, workspace);
  }

  get sealingKey(): Uint8Array {
    return readKey(this.#keys, 'sealing');
  }

  close(): void {
    for (const { data, scratch } of this.#open) {
      data?.close();
      scratch.close();
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}
