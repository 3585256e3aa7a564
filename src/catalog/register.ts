/** Registers a dataset, or gives it a new snapshot: upload → manifest → ingest in a worker → event. Until the event there is nothing. */
import { join } from 'node:path';
import type { DatasetView } from '#contract/api/datasets.ts';
import type { Ingested, IngestProblem } from '#contract/job.ts';
import { type DatasetId, Manifest } from '#contract/manifest.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { fail, type Failure, type FieldError } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { DATASET_TRANSITIONS } from '#src/approvals/transitions.ts';
import { readJson } from '#src/http/body.ts';
import { parseAs } from '#src/http/invalid.ts';
import { datasetRow, keepDocument, manifestOf, policyInForce, policyOf, type DatasetRow } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import type { Tx } from '#src/store/transaction.ts';
import { nextState } from '#src/transitions.ts';
import type { CatalogParts } from './parts.ts';
import { loadedTables } from './perturbation-tables.ts';
import { filesAgree, isRegistrable } from './registrable.ts';
import { withUpload, type Upload } from './upload.ts';
import { datasetView } from './views.ts';

/**
 * Version 1 of a dataset of the caller's organisation.
 * Fails `datasets/upload`, `datasets/manifest`, `datasets/id-taken`, `datasets/ingest-refused`, `datasets/ingest-failed`, and as any body does.
 */
export async function registerDataset(parts: CatalogParts, principal: Principal, request: Request): Promise<Result<DatasetView, Failure>> {
  if (!mayAct('dataset.register', principal, {})) return absent();
  return withUpload(request, stagingFor(parts), parts.uploadLimit, async (upload) => {
    const manifest = readManifest(upload);
    if (!manifest.ok) return manifest;
    if (manifest.value === null) return noManifest();
    const { id } = manifest.value;
    const free = isFree(parts.store.read, id);
    if (!free.ok) return free;
    const ingested = await ingest(parts, upload, manifest.value);
    if (!ingested.ok) return ingested;

    return parts.store.transact<DatasetView, Failure>(actorOf(principal), (tx) => {
      const stillFree = isFree(tx.db, id);
      if (!stillFree.ok) return stillFree;
      tx.record({ kind: 'dataset.registered', dataset: id, organisation: principal.organisation, ...keepVersion(tx, ingested.value) });
      return ok(datasetView(tx.db, known(tx.db, id), principal));
    });
  });
}

/**
 * The next version: new files, with a new manifest where one is sent. The policy in force must fit the manifest.
 * Fails as `registerDataset` does, and `datasets/state`.
 */
export async function addSnapshot(parts: CatalogParts, principal: Principal, id: DatasetId, request: Request): Promise<Result<DatasetView, Failure>> {
  const before = canUpdate(parts.store.read, principal, id);
  if (!before.ok) return before;
  return withUpload(request, stagingFor(parts), parts.uploadLimit, async (upload) => {
    const sent = readManifest(upload);
    if (!sent.ok) return sent;
    const manifest = sent.value ?? manifestOf(parts.store.read, before.value.manifest);
    if (manifest.id !== id) return fail('datasets/manifest', text(`The manifest is of the dataset ${manifest.id}, not of ${id}.`, `清单属于数据集 ${manifest.id}，而非 ${id}。`));
    const fits = policyFits(parts.store.read, id, manifest);
    if (!fits.ok) return fits;
    const ingested = await ingest(parts, upload, manifest);
    if (!ingested.ok) return ingested;

    return parts.store.transact<DatasetView, Failure>(actorOf(principal), (tx) => {
      const row = canUpdate(tx.db, principal, id);
      if (!row.ok) return row;
      const stillFits = policyFits(tx.db, id, ingested.value.manifest);
      if (!stillFits.ok) return stillFits;
      if (row.value.version !== before.value.version) return fail('datasets/state', text('Another snapshot came in meanwhile. Look at it, then send this one again if it is still wanted.', '期间已有新的快照入域。请核对后，如仍需要再重新上传。'));
      tx.record({ kind: 'dataset.updated', dataset: id, version: row.value.version + 1, ...keepVersion(tx, ingested.value) });
      return ok(datasetView(tx.db, known(tx.db, id), principal));
    });
  });
}

const stagingFor = ({ staging, random }: CatalogParts): string => join(staging, Buffer.from(random(16)).toString('hex'));

/** The manifest is kept as ingest completed it, with the levels of its hierarchies. */
function keepVersion(tx: Tx, { manifest, snapshot, bytes, tables }: Ingested) {
  return { manifest: keepDocument(tx, manifest), snapshot, report: keepDocument(tx, tables), bytes };
}

/** Null where none was sent. */
function readManifest({ manifest }: Upload): Result<Manifest | null, Failure> {
  if (manifest === null) return ok(null);
  const json = readJson('application/json', manifest);
  if (!json.ok) return json;
  const parsed = parseAs(Manifest, 'manifest', json.value);
  if (!parsed.ok) return parsed;
  const registrable = isRegistrable(parsed.value);
  return registrable.ok ? parsed : registrable;
}

/** What is wrong with the files comes back in sentences with table, column and line, never a value. */
async function ingest(parts: CatalogParts, upload: Upload, manifest: Manifest): Promise<Result<Ingested, Failure>> {
  const agree = filesAgree(manifest, upload.files);
  if (!agree.ok) return agree;
  const { directory } = upload;
  const answer = await parts.pool.run({ kind: 'ingest', source: directory }, { kind: 'ingest', manifest, source: directory, trial: false }, { wallMs: parts.ingestWallMs });
  if (answer.kind === 'ingested') return ok(answer.ingested);
  if (answer.kind === 'ingest-refused') {
    const { problems } = answer;
    const first = problems[0]?.message ?? text('', '');
    const rest = problems.length - 1;
    return fail('datasets/ingest-refused', rest === 0 ? first : text(`${first.en} There are ${rest} more problems.`, `${first.zh}另有 ${rest} 个问题。`), { errors: problems.map(placed) });
  }
  return fail('datasets/ingest-failed', text(
    'The files could not be taken in; nothing was registered. They may need more memory or time than is configured, or a file is broken.',
    '文件未能载入，未登记任何内容。可能超出所配置的内存或时限，或文件已损坏。',
  ));
}

/** `files/residents/age/12`: table, column, line, as far as they are known. */
function placed({ table, column, line, message }: IngestProblem): FieldError {
  return { at: ['files', table, column, line].filter((step) => step !== null).join('/'), message };
}

function isFree(db: Reader, id: DatasetId): Result<null, Failure> {
  if (datasetRow(db, id) === undefined) return ok(null);
  return fail('datasets/id-taken', text(`There is a dataset ${id} already. Send a new snapshot to it, or choose another id.`, `数据集 ${id} 已存在。请为其上传新快照，或更换标识。`));
}

function canUpdate(db: Reader, principal: Principal, id: DatasetId): Result<DatasetRow, Failure> {
  const row = datasetRow(db, id);
  if (row === undefined || !mayAct('dataset.update', principal, { provider: row.organisation })) return absent();
  return nextState(DATASET_TRANSITIONS, row.state, 'update') === null
    ? fail('datasets/state', text('A withdrawn dataset takes no new snapshot.', '已撤回的数据集不再接收新快照。'))
    : ok(row);
}

function policyFits(db: Reader, id: DatasetId, manifest: Manifest): Result<null, Failure> {
  const policy = policyInForce(db, id);
  if (policy === undefined) return ok(null);
  const problems = checkPolicy(policyOf(db, policy.document), manifest, { tables: loadedTables(db, policy.organisation) });
  const first = problems[0];
  if (first === undefined) return ok(null);
  return fail('datasets/manifest', text(
    `The policy ${policy.policy} version ${policy.version}, which is in force, does not fit this manifest: ${first.message.en}`,
    `现行策略 ${policy.policy} 第 ${policy.version} 版与此清单不符：${first.message.zh}`,
  ), { errors: problems.slice(0, 20).map(({ path, message }) => ({ at: `policy/${path}`, message })) });
}

const noManifest = () => fail('datasets/upload', text('The part "manifest" is missing: the JSON document that describes the dataset.', '缺少 "manifest" 部分：描述数据集的 JSON 文档。'));

function known(db: Reader, id: DatasetId): DatasetRow {
  const row = datasetRow(db, id);
  if (row === undefined) throw new Error('a dataset is missing after its event');
  return row;
}
