/** Perturbation tables in files: lines `pcv,ckey,pvalue`, also packed by gzip. */
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { digestOf, type Digest } from '#contract/canonical.ts';
import { MAX_ONS_LENGTH, packOns, readOnsCsv, type OnsNoise, type OnsTable } from '#contract/ons-table.ts';
import { ownTableOf, tableReference, withTableByDigest } from '#contract/perturbation-table.ts';
import type { Policy } from '#contract/policy.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { OptionTable } from './command.ts';
import { readBytes } from './files.ts';
import type { Session } from './io.ts';
import { stop, STATUS, usage, type CliFailure } from './outcome.ts';

/** Of commands that try a policy without a server. */
export const TABLE_FILES = {
  type: 'value', value: 'FILE', multiple: true, help: text('a perturbation table of your own that the policy names: by the name of its file, or by sha256:…', '策略所引用的自有扰动表，以文件名或 sha256:… 引用'),
} as const satisfies OptionTable[string];

export interface TableFile {
  /** That of the file, without its endings. */
  readonly name: string;
  readonly digest: Digest;
  readonly document: OnsTable;
  readonly noise: OnsNoise;
}

export const nameOf = (file: string): string => basename(file).replace(/\.gz$/, '').replace(/\.csv$/, '');

/** The text of the file, unpacked. */
export async function readCsv(session: Pick<Session, 'input'>, file: string): Promise<Result<string, CliFailure>> {
  const bytes = await readBytes(session, file);
  if (!bytes.ok) return bytes;
  try {
    const plain = bytes.value[0] === 0x1f && bytes.value[1] === 0x8b ? gunzipSync(bytes.value, { maxOutputLength: MAX_ONS_LENGTH + 1 }) : bytes.value;
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(plain));
  } catch {
    return usage(`${file} is not UTF-8 text of at most ${MAX_ONS_LENGTH} characters, nor such a text packed by gzip.`, `${file} 不是至多 ${MAX_ONS_LENGTH} 个字符的 UTF-8 文本，也不是此类文本的 gzip 压缩文件。`);
  }
}

export async function readTableFile(session: Pick<Session, 'input' | 'language'>, file: string): Promise<Result<TableFile, CliFailure>> {
  const csv = await readCsv(session, file);
  if (!csv.ok) return csv;
  const noise = readOnsCsv(csv.value);
  if (!noise.ok) {
    return stop(STATUS.refused, text(`${file} is no table that can be used:`, `${file} 不是可用的扰动表：`), {
      lines: noise.error.map(({ line, message }) => `  ${line === null ? '' : text(`line ${line}: `, `第 ${line} 行：`)[session.language]}${message[session.language]}`),
    });
  }
  const document = packOns(noise.value);
  return ok({ name: nameOf(file), digest: digestOf(document), document, noise: noise.value });
}

export async function readTableFiles(session: Pick<Session, 'input' | 'language'>, files: readonly string[]): Promise<Result<readonly TableFile[], CliFailure>> {
  const tables: TableFile[] = [];
  for (const file of files) {
    const table = await readTableFile(session, file);
    if (!table.ok) return table;
    tables.push(table.value);
  }
  return ok(tables);
}

/** As a policy may name them, for its check. */
export const namesOf = (tables: readonly TableFile[]): readonly string[] => tables.flatMap(({ name, digest }) => [name, tableReference(digest)]);

/** The policy as it would be kept, and the table that it names. */
export function withTable(policy: Policy, tables: readonly TableFile[]): { readonly policy: Policy; readonly perturbation?: OnsTable } {
  const kept = withTableByDigest(policy, new Map(tables.map(({ name, digest }) => [name, digest])));
  const table = tables.find(({ digest }) => digest === ownTableOf(kept));
  return { policy: kept, ...(table === undefined ? {} : { perturbation: table.document }) };
}
