/** Files that people name on the command line. What is wrong is said by name and place; contents are never quoted. */
import { readFile, writeFile } from 'node:fs/promises';
import type { z } from 'zod';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { parseAs } from '#src/http/invalid.ts';
import type { Session } from './io.ts';
import { stop, STATUS, usage, type CliFailure } from './outcome.ts';

const REASONS: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  ENOENT: ['there is no such file', '文件不存在'],
  EACCES: ['no permission to read it', '没有读取权限'],
  EISDIR: ['it is a directory', '这是一个目录'],
  ENOTDIR: ['part of its path is not a directory', '路径中有一部分不是目录'],
};

/** `-` is standard input. */
export async function readBytes(session: Pick<Session, 'input'>, file: string): Promise<Result<Uint8Array, CliFailure>> {
  if (file === '-') return ok(await session.input());
  try {
    return ok(await readFile(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const [en, zh] = REASONS[code] ?? [`it cannot be read (${code})`, `无法读取（${code}）`];
    return usage(`Cannot read ${file}: ${en}.`, `无法读取 ${file}：${zh}。`);
  }
}

export async function readText(session: Pick<Session, 'input'>, file: string): Promise<Result<string, CliFailure>> {
  const bytes = await readBytes(session, file);
  if (!bytes.ok) return bytes;
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes.value));
  } catch {
    return usage(`${file} is not UTF-8 text.`, `${file} 不是 UTF-8 文本。`);
  }
}

export async function writeBytes(file: string, bytes: Uint8Array): Promise<Result<null, CliFailure>> {
  try {
    await writeFile(file, bytes);
    return ok(null);
  } catch {
    return usage(`Cannot write ${file}.`, `无法写入 ${file}。`);
  }
}

export async function readDocument<Schema extends z.ZodType>(session: Pick<Session, 'input' | 'language'>, file: string, schema: Schema): Promise<Result<z.output<Schema>, CliFailure>> {
  const read = await readText(session, file);
  if (!read.ok) return read;
  const parsed = parseJson(read.value, file);
  if (!parsed.ok) return parsed;
  return fit(session, schema, parsed.value, file);
}

/** The parser's own message would quote the text around the error: only its place is given. */
export function parseJson(json: string, file: string): Result<unknown, CliFailure> {
  try {
    return ok(JSON.parse(json.replace(/^\uFEFF/, '')));
  } catch (error) {
    const at = /line (\d+) column (\d+)/.exec((error as Error).message);
    return at === null
      ? usage(`${file} is not JSON.`, `${file} 不是合法的 JSON。`)
      : usage(`${file} is not JSON: line ${at[1]}, column ${at[2]}.`, `${file} 不是合法的 JSON：第 ${at[1]} 行第 ${at[2]} 列。`);
  }
}

/** Fails with every place where the document does not fit. */
export function fit<Schema extends z.ZodType>(session: Pick<Session, 'language'>, schema: Schema, document: unknown, file: string): Result<z.output<Schema>, CliFailure> {
  const parsed = parseAs(schema, file, document);
  if (parsed.ok) return parsed;
  return stop(STATUS.usage, text(`${file} does not fit its schema:`, `${file} 不符合其模式：`), {
    lines: (parsed.error.errors ?? []).map(({ at, message }) => `  ${at === file ? '' : `${at.slice(file.length + 1)}: `}${message[session.language]}`),
  });
}
