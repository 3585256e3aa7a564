/**
 * A domain to break into: protected tables full of values that can be recognised wherever they turn up, a strict policy,
 * and workers as a server starts them. `ask` is an operator with a grant of every column.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobId, newId } from '#contract/id.ts';
import type { Answer, JobSpec, PinnedDataset } from '#contract/job.ts';
import { Manifest } from '#contract/manifest.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { Policy } from '#contract/policy.ts';
import { limitsOf } from '#src/jobs/pins.ts';
import { decideIsolation, type Isolation } from '#src/workers/cage.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool, type SnapshotReference } from '#src/workers/pool.ts';
import { canaryText, SCORE_BASE } from './canary.ts';

export interface VaultPerson {
  readonly id: string;
  readonly district: string;
  readonly age: number;
  readonly income: string | null;
  readonly nick: string;
  readonly score: bigint;
}

/** 60 in 市南, 25 in 市北, 3 in 崂山, none in 李沧. The target is the first of the three. */
export const COUNTS = { 市南: 60, 市北: 25, 崂山: 3, 李沧: 0 } as const;
export const TARGET = 85;

/** Amounts that nobody would meet by chance: nine digits of a hash. */
const amount = (seed: string): string => {
  const number = createHash('sha256').update(seed).digest().readUInt32BE(0) % 9_000_000 + 1_000_000;
  return `${number}.${String(number % 89 + 10)}`;
};

export const PEOPLE: readonly VaultPerson[] = Object.entries(COUNTS).flatMap(([district, count]) => Array.from({ length: count }, () => district)).map((district, i) => ({
  id: canaryText(`id-${i}`),
  district,
  age: 20 + ((i * 13) % 55),
  income: i % 17 === 5 ? null : amount(`income ${i}`),
  nick: canaryText(`昵称-${i}`),
  score: SCORE_BASE + BigInt(i),
}));

export interface VaultVisit {
  readonly person: string;
  readonly district: string;
  readonly cost: string;
  readonly at: string;
}

/** One to five visits of each person; the target has one, with the largest cost of all. */
export const VISITS: readonly VaultVisit[] = PEOPLE.flatMap((person, i) => Array.from({ length: i === TARGET ? 1 : 1 + (i % 5) }, (_, v) => ({
  person: person.id,
  district: Object.keys(COUNTS)[(i + v) % 3] ?? '',
  cost: amount(`cost ${i} ${v}`),
  at: `2031-${String((i % 12) + 1).padStart(2, '0')}-${String((v % 27) + 1).padStart(2, '0')}T03:33:${String(i % 60).padStart(2, '0')}`,
})));

const DISTRICTS = Object.keys(COUNTS);

export const VAULT_MANIFEST = Manifest.parse({
  id: 'vault',
  tables: {
    persons: {
      file: 'persons.csv',
      units: { person: 'id' },
      maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' },
        name: { type: 'varchar', role: 'identifier' },
        phone: { type: 'bigint', role: 'identifier' },
        district: { type: 'varchar', role: 'quasi', domain: DISTRICTS },
        age: { type: 'integer', role: 'quasi', min: '0', max: '120' },
        income: { type: 'decimal(12,2)', role: 'sensitive', min: '0', max: '10000000', nullable: true },
        weight: { type: 'double', role: 'sensitive', min: '0', max: '1000', scale: 6 },
        nick: { type: 'varchar', role: 'sensitive' },
        score: { type: 'bigint', role: 'sensitive' },
        born: { type: 'date', role: 'sensitive' },
        seen: { type: 'timestamp', role: 'sensitive' },
        secret: { type: 'boolean', role: 'sensitive' },
      },
    },
    visits: {
      file: 'visits.csv',
      units: { person: 'person' },
      maxRowsPerUnit: { person: 5 },
      columns: {
        person: { type: 'varchar', role: 'unit', references: 'persons.id' },
        district: { type: 'varchar', role: 'quasi', domain: DISTRICTS },
        cost: { type: 'decimal(12,2)', role: 'sensitive', min: '0', max: '10000000' },
        at: { type: 'timestamp', role: 'quasi', min: '2031-01-01T00:00:00', max: '2031-12-31T23:59:59' },
      },
    },
    districts: {
      file: 'districts.csv',
      columns: {
        district: { type: 'varchar', role: 'plain', domain: DISTRICTS },
        region: { type: 'varchar', role: 'plain' },
        factor: { type: 'integer', role: 'plain', min: '0', max: '100' },
      },
    },
  },
});

/** The policy with other statistics fields. */
export const policyWith = (statistics: Partial<Policy['statistics']>): Policy => ({ ...VAULT_POLICY, statistics: { ...VAULT_POLICY.statistics, ...statistics } });

export const VAULT_POLICY = Policy.parse({
  policy: 'vault-statistics', version: 1, dataset: 'vault', purposes: ['research'],
  statistics: {
    mechanism: { kind: 'suppress' },
    units: { person: { min: 10 } },
    dominance: [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 85 }],
    dimensions: {
      'persons.district': { categories: 'all' }, 'persons.age': { bands: [30, 50] },
      'visits.district': { categories: 'all' }, 'visits.at': { levels: ['year', 'quarter'] },
    },
    measures: { 'persons.income': ['count', 'sum', 'avg'], 'persons.weight': ['count', 'sum', 'avg'], 'visits.cost': ['count', 'sum', 'avg'] },
    joins: [['persons.id', 'visits.person'], ['persons.district', 'districts.district'], ['visits.district', 'districts.district']],
  },
});

/** Writes the files of the dataset into `directory`. */
export function writeVault(directory: string, people: readonly VaultPerson[] = PEOPLE, visits: readonly VaultVisit[] = VISITS): void {
  mkdirSync(directory, { recursive: true });
  const born = (i: number) => `19${60 + (i % 39)}-0${1 + (i % 9)}-1${i % 10}`;
  writeFileSync(join(directory, 'persons.csv'), 'id,name,phone,district,age,income,weight,nick,score,born,seen,secret\n' + people.map(({ id, district, age, income, nick, score }, i) =>
    `${id},${canaryText(`name-${i}`)},${score + 10_000n},${district},${age},${income ?? ''},${(40 + i * 0.618033).toFixed(6)},${nick},${score},${born(i)},2032-02-0${1 + (i % 9)}T04:44:${String(i % 60).padStart(2, '0')},${i % 7 === 0}\n`).join(''));
  writeFileSync(join(directory, 'visits.csv'), 'person,district,cost,at\n' + visits.map(({ person, district, cost, at }) => `${person},${district},${cost},${at}\n`).join(''));
  writeFileSync(join(directory, 'districts.csv'), `district,region,factor\n${DISTRICTS.map((district, i) => `${district},${i < 2 ? 'west' : 'east'},${i + 1}\n`).join('')}`);
}

export interface VaultOptions {
  readonly policy?: Policy;
  readonly people?: readonly VaultPerson[];
  readonly visits?: readonly VaultVisit[];
  /** Engine memory of a worker, MiB. */
  readonly memoryMb?: number;
}

export class Vault {
  readonly home: string;
  readonly isolation: Isolation;
  readonly #pool: WorkerPool;
  readonly #pinned: readonly PinnedDataset[];
  readonly #snapshots: readonly SnapshotReference[];
  readonly #grant: string;

  private constructor(home: string, isolation: Isolation, pool: WorkerPool, pinned: readonly PinnedDataset[], snapshots: readonly SnapshotReference[], grant = newId('grant', randomBytes)) {
    this.#grant = grant;
    this.home = home;
    this.isolation = isolation;
    this.#pool = pool;
    this.#pinned = pinned;
    this.#snapshots = snapshots;
  }

  static async open({ policy = VAULT_POLICY, people, visits, memoryMb = 256 }: VaultOptions = {}): Promise<Vault> {
    const home = mkdtempSync(join(tmpdir(), 'sluice-vault-'));
    const source = join(home, 'source');
    writeVault(source, people, visits);
    const isolation = decideIsolation('auto');
    if (!isolation.ok) throw new Error(isolation.error.en);
    const keys = join(home, 'keys');
    const snapshotStore = join(home, 'snapshots');
    mkdirSync(snapshotStore);
    await initKeys(keys);
    const pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: isolation.value, keys, snapshotStore, memoryMb, jobsPerWorker: 100_000 });
    const answer = await pool.run({ kind: 'ingest', source }, { kind: 'ingest', manifest: VAULT_MANIFEST, source, trial: true }, { wallMs: 60_000 });
    if (answer.kind !== 'ingested') throw new Error(`the vault was not taken in: ${JSON.stringify(answer)}`);
    // The file that the agency sent is not there when an operator asks.
    rmSync(source, { recursive: true });
    const { snapshot, manifest } = answer.ingested;
    const snapshots = [{ dataset: 'vault', snapshot, directory: join(snapshotStore, snapshot) }];
    await pool.prepare(snapshots);
    return new Vault(home, isolation.value, pool, [{ manifest, snapshot, policy, policyDigest: policyDigest(policy) }], snapshots);
  }

  /** The same domain under another policy; closed with this one. */
  under(policy: Policy): Vault {
    return new Vault(this.home, this.isolation, this.#pool, this.#pinned.map((pinned) => ({ ...pinned, policy, policyDigest: policyDigest(policy) })), this.#snapshots, this.#grant);
  }

  get directory(): string {
    return this.#snapshots[0]?.directory ?? '';
  }

  get #query() {
    return {
      columns: this.#pinned.flatMap(({ manifest: { id, tables } }) => Object.entries(tables).flatMap(([table, { columns }]) => Object.keys(columns).map((column) => `${id}.${table}.${column}`))),
      limits: limitsOf(this.#pinned.map(({ policy }) => policy)),
    };
  }

  /** @param wallMs milliseconds until the worker is killed */
  ask(sql: string, wallMs = 20_000): Promise<Answer> {
    const spec: JobSpec = { kind: 'sql', job: JobId.parse(newId('job', randomBytes)), sql, datasets: [...this.#pinned], ...this.#query, ledgerHead: null, withdrawals: null, evidence: true };
    return this.#pool.run({ kind: 'grant', grant: this.#grant, snapshots: this.#snapshots, verify: false }, spec, { wallMs });
  }

  /** The same question to the worker that explains without data. */
  check(sql: string, wallMs = 20_000): Promise<Answer> {
    return this.#pool.run({ kind: 'check' }, { kind: 'check', sql, datasets: this.#pinned.map((pinned) => ({ ...pinned, snapshot: null })), ...this.#query }, { wallMs });
  }

  /** Resident bytes of all workers now. */
  get residentBytes(): number {
    return this.#pool.status().workers.reduce((sum, { residentBytes }) => sum + (residentBytes ?? 0), 0);
  }

  /** SHA-256 of every file below the home, by path: what a worker could have changed. */
  digests(): Readonly<Record<string, string>> {
    return Object.fromEntries(readdirSync(this.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort()
      .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]));
  }

  async close(): Promise<void> {
    await this.#pool.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
