/** What registration asks of a manifest beyond its schema: the catalogue fields that the regulations require, and files that were sent. */
import type { Manifest } from '#contract/manifest.ts';
import { fail, type Failure, type FieldError } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { isFileName } from './upload.ts';

/** Fails `datasets/manifest`. Source of the mandatory fields: 001 第十六条, 第二十三条 (catalogue, sharing attribute, opening, grade). */
export function isRegistrable(manifest: Manifest): Result<null, Failure> {
  const errors: FieldError[] = [];
  const require = (present: boolean, at: string, en: string, zh: string) => {
    if (!present) errors.push({ at: `manifest/${at}`, message: text(en, zh) });
  };
  require(manifest.title !== undefined, 'title', 'A registered dataset needs a title in English and Chinese.', '登记的数据集须有中英文标题。');
  require(manifest.provider !== undefined, 'provider', 'A registered dataset names its provider (数据提供单位).', '登记的数据集须注明数据提供单位。');
  require(manifest.catalogue !== undefined, 'catalogue',
    'A registered dataset needs its catalogue fields: form, class, grade, sharing, opening, updateFrequency, source, licence, retention.',
    '登记的数据集须填写目录字段：form、class、grade、sharing、opening、updateFrequency、source、licence、retention。');
  require(Object.keys(manifest.tables).length > 0, 'tables', 'A dataset has at least one table.', '数据集至少包含一张表。');
  for (const [name, table] of Object.entries(manifest.tables)) {
    require(Object.keys(table.columns).length > 0, `tables/${name}/columns`, 'A table has at least one column.', '表至少包含一列。');
    require(table.recordKey === undefined, `tables/${name}/recordKey`, 'Record keys are made by the domain; a supplied one is for trials only.', '记录键由数据域生成；自带记录键仅用于试验。');
  }
  for (const [at, file] of filesOf(manifest)) {
    require(isFileName(file), at, 'A file is named without a path: letters, digits, "_", "-", "." and spaces.', '文件名不含路径，只能包含字母、数字、“_”、“-”、“.”和空格。');
  }
  const first = errors[0];
  return first === undefined ? ok(null) : fail('datasets/manifest', first.message, { errors: errors.slice(0, 20) });
}

/** Every file that the manifest names was sent, and no other. Fails `datasets/upload`. */
export function filesAgree(manifest: Manifest, sent: ReadonlySet<string>): Result<null, Failure> {
  const named = new Set(filesOf(manifest).map(([, file]) => file));
  const missing = [...named].filter((file) => !sent.has(file));
  if (missing.length > 0) {
    return fail('datasets/upload', text(`The manifest names files that were not sent: ${missing.join(', ')}.`, `清单所列文件未上传：${missing.join('、')}。`));
  }
  const extra = [...sent].filter((file) => !named.has(file));
  return extra.length === 0 ? ok(null) : fail('datasets/upload', text(
    `Files were sent that the manifest does not name: ${extra.join(', ')}.`,
    `上传了清单未列出的文件：${extra.join('、')}。`,
  ));
}

/** Data files and hierarchy files, each with its place in the manifest. */
function filesOf(manifest: Manifest): [at: string, file: string][] {
  return Object.entries(manifest.tables).flatMap(([name, table]) => [
    [`tables/${name}/file`, table.file] as [string, string],
    ...Object.entries(table.columns).flatMap(([column, { hierarchy }]): [string, string][] => (hierarchy === undefined ? [] : [[`tables/${name}/columns/${column}/hierarchy`, hierarchy]])),
  ]);
}
