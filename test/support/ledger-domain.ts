/**
 * A domain with a ledger, in this process: a town of persons that a test can choose, workers' workspaces for any number of
 * operators, and the chain of sealed deltas between them as the control plane would keep it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestBytes, type Digest } from '#contract/canonical.ts';
import { PublishedTable } from '#contract/api/ledger.ts';
import { BatchId, EntryWithdrawalId, JobId, LedgerEntryId, newId, OrganisationId } from '#contract/id.ts';
import type { Answer, ListPin, PinnedDataset, ResultContents } from '#contract/job.ts';
import { nextHead, type ChainEntry } from '#contract/chain.ts';
import { Manifest } from '#contract/manifest.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { Policy } from '#contract/policy.ts';
import { ingest } from '#sandbox/ingest/ingest.ts';
import { ensureKeys, readKey } from '#sandbox/keys.ts';
import { Ledger } from '#sandbox/ledger/ledger.ts';
import { runJob } from '#sandbox/run-job.ts';
import { evidenceContext, unseal } from '#sandbox/seal.ts';
import { WithdrawalList } from '#sandbox/withdrawals/list.ts';
import { openWorkspace, type Workspace } from '#sandbox/workspace.ts';

export interface Person {
  readonly id: string;
  readonly district: string;
  readonly age: number;
  readonly sex: string;
  readonly income: number;
}

/** Income null: not known. */
export type LoadedPerson = Omit<Person, 'income'> & { readonly income: number | null };

export const DISTRICTS = ['市南', '市北', '崂山', '李沧'];

/** Ages 0 … 99, both sexes, four districts, so many of each; incomes that differ. */
export function people(count: number, change: (person: Person, i: number) => Person = (person) => person): readonly Person[] {
  return Array.from({ length: count }, (_, i) => change({
    id: `p${i}`, district: DISTRICTS[i % 4] ?? '', age: (i * 37) % 100, sex: i % 3 === 0 ? 'F' : 'M', income: 1000 + ((i * 7919) % 5000),
  }, i));
}

/** @param rows of each person, at most */
export const ledgerManifest = (rows: number): Manifest => Manifest.parse({
  id: 'town',
  tables: {
    people: {
      file: 'people.csv', units: { person: 'id' }, maxRowsPerUnit: { person: rows },
      columns: {
        id: { type: 'varchar', role: 'unit' },
        district: { type: 'varchar', role: 'quasi', domain: DISTRICTS, references: 'districts.district', nullable: false },
        age: { type: 'integer', role: 'quasi', min: '0', max: '120', nullable: false },
        sex: { type: 'varchar', role: 'quasi', domain: ['F', 'M'], nullable: false },
        income: { type: 'bigint', role: 'sensitive', min: '0', max: '10000000' },
      },
    },
    districts: { file: 'districts.csv', columns: { district: { type: 'varchar', role: 'plain' }, region: { type: 'varchar', role: 'plain' } } },
  },
});

export const LEDGER_MANIFEST = ledgerManifest(1);

/** Every age is an atom of the grid: the policy lets ask about any set of ages, and the ledger has to see what that adds up to. */
export const ledgerPolicy = (differencing: 'refuse' | 'hold' | 'warn' | 'none', over: object = {}): Policy => Policy.parse({
  policy: 'town-statistics', version: 1, dataset: 'town',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, differencing,
    dimensions: { 'people.district': { categories: 'all' }, 'people.sex': { categories: 'all' }, 'people.age': { levels: ['age'] } },
    measures: { 'people.income': ['count', 'sum', 'avg'] },
    joins: [['people.district', 'districts.district']],
    ...over,
  },
});

const AGENCY = OrganisationId.parse(newId('org', () => new Uint8Array(16)));

/** The same keys in every run: what is drawn by them is drawn alike. */
function keyBytes(): (bytes: number) => Uint8Array {
  let drawn = 0;
  return (bytes) => createHash('shake256', { outputLength: bytes }).update(`keys ${drawn++}`).digest();
}

/** Where a domain and its branches keep what they share: keys, snapshots, and engines that have the snapshots open, by digest. */
interface Home {
  readonly directory: string;
  readonly opened: Map<Digest, Promise<Workspace>>;
}

export class LedgerDomain {
  readonly #home: Home;
  readonly #keys: string;
  readonly #owns: boolean;
  readonly #entries: ChainEntry[] = [];
  readonly #batches: ChainEntry[] = [];
  #head: Digest | null = null;
  #loads = 0;
  #job = '';

  /** @param home of a domain whose snapshots this one reads, with a ledger of its own; left out: a new one */
  constructor(home?: Home) {
    this.#home = home ?? { directory: mkdtempSync(join(tmpdir(), 'sluice-ledger-')), opened: new Map() };
    this.#owns = home === undefined;
    this.#keys = join(this.#home.directory, 'keys');
    ensureKeys(this.#keys, keyBytes());
  }

  /** The same keys and snapshots with an empty ledger. */
  branch(): LedgerDomain {
    return new LedgerDomain(this.#home);
  }

  /** Takes a snapshot in. */
  load(persons: readonly LoadedPerson[], manifest: Manifest = LEDGER_MANIFEST): Promise<Loaded> {
    return this.loadFiles({
      'people.csv': `id,district,age,sex,income\n${persons.map(({ id, district, age, sex, income }) => `${id},${district},${age},${sex},${income ?? ''}\n`).join('')}`,
      'districts.csv': `district,region\n${DISTRICTS.map((district, i) => `${district},${i < 2 ? 'west' : 'east'}\n`).join('')}`,
    }, manifest);
  }

  /** @param files of any tables, by name. @param manifest of the dataset “town” */
  async loadFiles(files: Readonly<Record<string, string>>, manifest: Manifest): Promise<Loaded> {
    const source = join(this.#home.directory, `source-${this.#loads++}`);
    mkdirSync(source);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(source, name), text);
    const store = join(this.#home.directory, 'snapshots');
    const taken = await ingest({ kind: 'ingest', manifest, source, trial: true }, { keys: this.#keys, snapshotStore: store, limits: { memoryMb: 256, threads: 2 }, random: randomBytes });
    if (!taken.ok) throw new Error(JSON.stringify(taken.error));
    return { manifest: taken.value.manifest, snapshot: taken.value.snapshot, directory: join(store, taken.value.snapshot) };
  }

  /** An operator's worker over a snapshot. It is sent what the ledger holds before each job, as the control plane does. */
  async operator(loaded: Loaded, policy: Policy, tells = true): Promise<Operator> {
    const workspace = await this.#workspace(loaded);
    const pinned: PinnedDataset = { manifest: loaded.manifest, snapshot: loaded.snapshot, policy, policyDigest: policyDigest(policy) };
    let known = 0;
    let knownBatches = 0;
    return {
      ask: async (sql) => {
        for (; tells && known < this.#entries.length; known++) workspace.ledger.take(this.#entries[known]!, readKey(this.#keys, 'sealing'));
        for (; knownBatches < this.#batches.length; knownBatches++) workspace.withdrawals.take(this.#batches[knownBatches]!, readKey(this.#keys, 'sealing'));
        const job = JobId.parse(newId('job', randomBytes));
        this.#job = job;
        const answer = await runJob({
          kind: 'sql', job, sql, datasets: [pinned], limits: { gates: 50, resultCells: 100_000 }, ledgerHead: this.#head, withdrawals: this.#list, evidence: true,
          columns: Object.entries(loaded.manifest.tables).flatMap(([table, { columns }]) => Object.keys(columns).map((column) => `town.${table}.${column}`)),
        }, workspace);
        if (answer.kind === 'released' || answer.kind === 'held') this.#commit(job, answer.envelope.sealed.ledger);
        return { ...answer, result: await opened(answer, job, workspace) };
      },
    };
  }

  /** A batch of persons who withdraw, or come back; counts for every job from here on. */
  async withdraw(loaded: Loaded, persons: readonly Pick<Person, 'id'>[], change: 'withdraw' | 'reinstate' = 'withdraw'): Promise<void> {
    const workspace = await this.#workspace(loaded);
    const of = BatchId.parse(newId('batch', randomBytes));
    const answer = await runJob({
      kind: 'withdraw', of, by: AGENCY, change, ground: 'consent', manifest: loaded.manifest, snapshot: loaded.snapshot, unit: 'person', identifiers: persons.map(({ id }) => id),
    }, workspace);
    if (answer.kind !== 'withdrawal-sealed' || answer.known !== persons.length) throw new Error(`not every one of them is known: ${JSON.stringify(answer)}`);
    const head = nextHead(this.#batches.at(-1)?.head ?? null, digestBytes(Buffer.from(answer.sealed, 'base64')));
    this.#batches.push({ of, head, sealed: answer.sealed });
  }

  /** A table that the agency published elsewhere. Throws where it cannot be compared. */
  async enter(loaded: Loaded, policy: Policy, published: Omit<PublishedTable, 'dataset' | 'source'>): Promise<LedgerEntryId> {
    const workspace = await this.#workspace(loaded);
    const of = LedgerEntryId.parse(newId('entry', randomBytes));
    for (const batch of this.#batches) workspace.withdrawals.take(batch, readKey(this.#keys, 'sealing'));
    const dataset: PinnedDataset = { manifest: loaded.manifest, snapshot: loaded.snapshot, policy, policyDigest: policyDigest(policy) };
    const answer = await runJob({ kind: 'enter', of, dataset, withdrawals: this.#list, published: PublishedTable.parse({ dataset: loaded.manifest.id, source: 'a yearbook', ...published }) }, workspace);
    if (answer.kind !== 'entered' || answer.sealed === null || answer.unknown > 0) throw new Error(`not entered: ${JSON.stringify(answer)}`);
    this.#commit(of, answer.sealed);
    return of;
  }

  /** Takes an entry out for every job from here on. */
  async withdrawEntry(loaded: Loaded, entry: LedgerEntryId): Promise<void> {
    const of = EntryWithdrawalId.parse(newId('unentry', randomBytes));
    const answer = await runJob({ kind: 'withdraw-entry', of, entry }, await this.#workspace(loaded));
    if (answer.kind !== 'entry-withdrawn') throw new Error('not withdrawn');
    this.#commit(of, answer.sealed);
  }

  get #list(): ListPin | null {
    const last = this.#batches.at(-1);
    return last === undefined ? null : { head: last.head, by: AGENCY };
  }

  /** A worker's own: a ledger and a list of who withdrew that nothing was told of yet. The engines behind it hold nothing of any job, and take longer to open than to ask. */
  async #workspace({ snapshot, directory }: Loaded): Promise<Workspace> {
    const { opened } = this.#home;
    if (!opened.has(snapshot)) {
      opened.set(snapshot, openWorkspace({
        kind: 'setup', keys: this.#keys, verify: false, snapshotStore: null, memoryMb: 256, threads: 2, snapshots: [{ dataset: LEDGER_MANIFEST.id, snapshot, directory }],
      }, randomBytes));
    }
    return { ...await opened.get(snapshot)!, ledger: new Ledger(), withdrawals: new WithdrawalList() };
  }

  /** Asks a worker that was told nothing of the ledger. */
  async ask(loaded: Loaded, policy: Policy, sql: string): Promise<Asked> {
    return (await this.operator(loaded, policy, false)).ask(sql);
  }

  /** The sealed evidence of the last job. */
  open(sealed: string): unknown {
    return JSON.parse(Buffer.from(unseal(readKey(this.#keys, 'sealing'), evidenceContext(this.#job), sealed) ?? []).toString('utf8'));
  }

  #commit(of: string, sealed: string | null): void {
    if (sealed === null) return;
    this.#head = nextHead(this.#head, digestBytes(Buffer.from(sealed, 'base64')));
    this.#entries.push({ of, head: this.#head, sealed });
  }

  get entries(): readonly ChainEntry[] {
    return this.#entries;
  }

  /** A branch has nothing of its own to close. */
  async close(): Promise<void> {
    if (!this.#owns) return;
    for (const each of this.#home.opened.values()) {
      const { data, scratch } = await each;
      data?.close();
      scratch.close();
    }
    rmSync(this.#home.directory, { recursive: true, force: true });
  }
}

export interface Loaded {
  readonly manifest: Manifest;
  readonly snapshot: Digest;
  readonly directory: string;
}

/** `result`: of a held answer too, as its reviewer sees it. */
export type Asked = Answer & { readonly result: ResultContents | null };

export interface Operator {
  ask(sql: string): Promise<Asked>;
}

async function opened(answer: Answer, job: JobId, workspace: Workspace): Promise<ResultContents | null> {
  if (answer.kind === 'released') return answer.envelope;
  if (answer.kind !== 'held') return null;
  const { digest, sealed } = answer.envelope;
  const revealed = await runJob({ kind: 'reveal', job, evidence: null, result: { sealed: sealed.result, digest } }, workspace);
  if (revealed.kind !== 'revealed' || revealed.result === null) throw new Error('a held result cannot be opened');
  return revealed.result;
}

/** The first value of a released table, as a number; null where it was withheld. Throws where nothing was released. */
export function single(answer: Asked): number | null {
  if (answer.result === null) throw new Error(`not released: ${JSON.stringify(answer)}`);
  const value = answer.result.table.rows[0]?.[0] ?? null;
  return value === null ? null : Number(value);
}
