/** Datasets: register, bring up to date, suspend, withdraw; and the catalogue. */
import { openAsBlob } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DatasetState, DatasetSummary, DatasetView } from '#contract/api/datasets.ts';
import type { Manifest } from '#contract/manifest.ts';
import { ok, type Result } from '#contract/result.ts';
import { text, type Language } from '#contract/text.ts';
import { actionCommand } from '../action.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import type { Session } from '../io.ts';
import { fields, listCommand } from '../listing.ts';
import { STATUS, usage, type CliFailure, type Outcome } from '../outcome.ts';
import { grid } from '../output/grid.ts';
import { readManifest } from '../trial/plan.ts';

const path = (id: string) => `/datasets/${id}`;
/** Of an answer with the whole manifest, what a change of state is about. */
const Brief = z.object(DatasetSummary.shape);

/** The manifest first, then each file that it names, streamed from disk. */
async function uploadOf(directory: string, manifest: Manifest): Promise<Result<FormData, CliFailure>> {
  const form = new FormData();
  form.append('manifest', new Blob([JSON.stringify(manifest)], { type: 'application/json' }), 'dataset.json');
  for (const file of filesOf(manifest)) {
    try {
      form.append('file', await openAsBlob(join(directory, file)), file);
    } catch {
      return usage(`Cannot read ${join(directory, file)}, which the manifest names.`, `无法读取清单所列文件 ${join(directory, file)}。`);
    }
  }
  return ok(form);
}

function filesOf(manifest: Manifest): string[] {
  const names = Object.values(manifest.tables).flatMap(({ file, columns }) => [file, ...Object.values(columns).flatMap(({ hierarchy }) => hierarchy ?? [])]);
  return [...new Set(names)];
}

async function send(session: Session, directory: string, target: (manifest: Manifest) => string): Promise<Outcome> {
  const read = await readManifest(session, directory);
  if (!read.ok) return read;
  const form = await uploadOf(read.value.directory, read.value.manifest);
  if (!form.ok) return form;
  if (!session.json) session.err(`${text(`Sending ${basename(read.value.directory)}; the files are checked against the manifest …`, `正在上传 ${basename(read.value.directory)}，并按清单校验文件……`)[session.language]}\n`);
  const registered = await call(session, 'POST', target(read.value.manifest), DatasetView, { raw: form.value });
  if (!registered.ok) return registered;
  showDataset(session, registered.value);
  return ok(STATUS.done);
}

function showDataset(session: Session, dataset: DatasetView): void {
  if (session.json) {
    session.out(`${JSON.stringify(dataset)}\n`);
    return;
  }
  const { manifest, tables, ...facts } = dataset;
  session.out(fields(facts, session.language));
  session.out(`\n${showTables(manifest, tables, session.language)}`);
}

/** Every column that may be asked for, with what the catalogue knows of it. */
function showTables(manifest: Manifest, tables: DatasetView['tables'], language: Language): string {
  return Object.entries(manifest.tables).map(([name, table]) => {
    const rows = tables?.find((one) => one.table === name)?.rows;
    const units = table.units === undefined ? text('public', '公开')[language] : table.units === 'row' ? 'row' : Object.keys(table.units).join(', ');
    const heading = `${name}${table.title === undefined ? '' : ` ${table.title[language]}`} (${units}${rows === undefined ? '' : `, ${rows} ${text('rows', '行')[language]}`})`;
    return `${heading}\n${grid(
      [{ title: text('column', '列')[language] }, { title: text('type', '类型')[language] }, { title: text('role', '角色')[language] }, { title: text('title', '名称')[language] }],
      Object.entries(table.columns).map(([column, { type, role, title, levels }]) => [column, type, role, `${title?.[language] ?? ''}${levels === undefined ? '' : ` → ${levels.join(' → ')}`}`]),
    )}`;
  }).join('\n');
}

export const DATASET_COMMANDS: readonly Command[] = [
  command({
    name: 'dataset register',
    summary: text('register a dataset: its manifest and the files it names', '登记数据集：清单及其所列文件'),
    positionals: [{ name: 'DIR' }],
    options: {},
    examples: ['dataset register datasets/charities'],
    run: (session, _options, [directory = '']) => send(session, directory, () => '/datasets'),
  }),
  command({
    name: 'dataset snapshot',
    summary: text('a new snapshot of a registered dataset', '为已登记的数据集提交新快照'),
    positionals: [{ name: 'DIR' }],
    options: {},
    examples: ['dataset snapshot datasets/charities'],
    run: (session, _options, [directory = '']) => send(session, directory, ({ id }) => `${path(id)}/snapshots`),
  }),
  listCommand({
    name: 'dataset list',
    summary: text('the catalogue', '数据目录'),
    path: '/datasets',
    item: DatasetSummary,
    filters: { state: { type: 'value', value: DatasetState.options.join('|'), oneOf: DatasetState.options, help: text('only in this state', '仅此状态') } },
    columns: [
      { title: text('dataset', '数据集'), show: (one) => one.id },
      { title: text('title', '名称'), show: (one, language) => one.title?.[language] ?? null },
      { title: text('state', '状态'), show: (one) => one.state },
      { title: text('version', '版本'), align: 'right', show: (one) => one.version },
      { title: text('updated', '更新时间'), show: (one) => one.updatedAt },
    ],
  }),
  command({
    name: 'dataset show',
    summary: text('one dataset: its tables and columns', '查看数据集的表与列'),
    positionals: [{ name: 'DATASET' }],
    options: {},
    examples: ['dataset show charities'],
    run: async (session, _options, [id = '']): Promise<Outcome> => {
      const found = await call(session, 'GET', path(encodeURIComponent(id)), DatasetView);
      if (!found.ok) return found;
      showDataset(session, found.value);
      return ok(STATUS.done);
    },
  }),
  actionCommand({ name: 'dataset suspend', summary: text('suspend a dataset; running jobs on it are killed', '暂停数据集；正在运行的相关作业随即终止'), id: 'DATASET', path: (id) => `${path(id)}/suspend`, answer: Brief, reason: true, example: 'charities' }),
  actionCommand({ name: 'dataset resume', summary: text('make a suspended dataset available again', '恢复已暂停的数据集'), id: 'DATASET', path: (id) => `${path(id)}/resume`, answer: Brief, reason: true, example: 'charities' }),
  actionCommand({ name: 'dataset withdraw', summary: text('withdraw a dataset for good', '永久撤回数据集'), id: 'DATASET', path: (id) => `${path(id)}/withdraw`, answer: Brief, reason: true, example: 'charities' }),
];
