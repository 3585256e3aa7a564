/**
 * Multipart uploads of a dataset: a part `manifest` (JSON), then the files it names. Files are streamed to a staging
 * directory of their own; what is too long, too many or badly named ends the upload.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Err, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';

export interface Upload {
  /** Where the files are; removed by whoever asked for the upload. */
  readonly directory: string;
  /** Bytes of the part `manifest`; null where there was none. */
  readonly manifest: Uint8Array | null;
  readonly files: ReadonlySet<string>;
}

/** Bytes of the part `manifest`: domains may have 100,000 values. */
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 500;

/** Names that can neither leave the directory nor hide in it. */
export function isFileName(name: string): boolean {
  return /^[\p{L}\p{Nd}_][\p{L}\p{M}\p{Nd}_. -]{0,127}$/u.test(name) && !name.includes('..') && name.normalize('NFC') === name;
}

/** Runs `use` on an upload and removes its files afterwards, however it ends. `staging`: a directory that is made for it alone. */
export async function withUpload<T>(request: Request, staging: string, limit: number, use: (upload: Upload) => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
  await mkdir(staging, { recursive: true, mode: 0o700 });
  try {
    const upload = await receive(request, staging, limit);
    return upload.ok ? await use(upload.value) : upload;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Fails `request/media-type`, `request/too-large`, `datasets/upload`. */
async function receive(request: Request, directory: string, limit: number): Promise<Result<Upload, Failure>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(type) || request.body === null) {
    return fail('request/media-type', text(
      'A dataset is sent as multipart/form-data: a part "manifest" (JSON), then one part for each file that it names.',
      '数据集以 multipart/form-data 发送：一个名为 "manifest" 的部分（JSON），其后为清单所列的各文件。',
    ));
  }
  if (Number(request.headers.get('content-length') ?? 0) > limit) return tooLarge(limit);
  let parser: BusboyInstance;
  try {
    parser = new Busboy({
      headers: Object.fromEntries(request.headers) as BusboyHeaders,
      // The manifest too, so that its bytes come as they are and can be refused where they are not UTF-8.
      isPartAFile: () => true,
      limits: { files: MAX_FILES, fields: 0, fieldNameSize: 100 },
    });
  } catch {
    return malformed();
  }
  return new Receiving(parser, directory, limit).run(request.body);
}

class Receiving {
  readonly #parser: BusboyInstance;
  readonly #directory: string;
  readonly #limit: number;
  readonly #files = new Set<string>();
  readonly #writes: Promise<void>[] = [];
  readonly #stop = new AbortController();
  #manifest: Uint8Array | null = null;
  #problem: Err<Failure> | null = null;
  /** A write that the disk refused. */
  #broken: Error | null = null;

  constructor(parser: BusboyInstance, directory: string, limit: number) {
    this.#parser = parser;
    this.#directory = directory;
    this.#limit = limit;
  }

  async run(body: ReadableStream<Uint8Array>): Promise<Result<Upload, Failure>> {
    const parser = this.#parser;
    parser.on('file', (name, stream, fileName) => this.#file(name, stream, fileName));
    parser.on('filesLimit', () => this.#refuse(tooManyParts()));
    let bytes = 0;
    const counted = new Transform({
      transform: (chunk: Uint8Array, _encoding, done) => {
        bytes += chunk.byteLength;
        if (bytes > this.#limit) this.#refuse(tooLarge(this.#limit));
        done(null, chunk);
      },
    });
    try {
      await pipeline(Readable.fromWeb(body as import('node:stream/web').ReadableStream), counted, parser, { signal: this.#stop.signal });
    } catch {
      this.#stop.abort();
    }
    await Promise.allSettled(this.#writes);
    // A disk that is full is no fault of the request.
    if (this.#broken !== null) throw this.#broken;
    if (this.#stop.signal.aborted) return this.#problem ?? malformed();
    return this.#problem ?? ok({ directory: this.#directory, manifest: this.#manifest, files: this.#files });
  }

  #file(name: string, stream: Readable, fileName: string | undefined): void {
    // A parser that is stopped, or that the connection leaves alone, never ends the part it was reading.
    this.#stop.signal.addEventListener('abort', () => stream.destroy(), { once: true });
    const write = name === 'manifest' ? this.#readManifest(stream) : this.#writeFile(stream, fileName ?? '');
    this.#writes.push(write.catch((error: unknown) => {
      if (isDiskError(error)) this.#broken ??= error;
      this.#stop.abort();
    }));
  }

  async #readManifest(stream: Readable): Promise<void> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > MAX_MANIFEST_BYTES) this.#refuse(tooLarge(MAX_MANIFEST_BYTES));
      else chunks.push(chunk);
    }
    if (this.#manifest !== null) this.#refuse(twice('manifest'));
    this.#manifest = Buffer.concat(chunks);
  }

  async #writeFile(stream: Readable, fileName: string): Promise<void> {
    if (!isFileName(fileName) || this.#files.has(fileName)) {
      stream.resume();
      return this.#refuse(isFileName(fileName) ? twice(fileName) : badName());
    }
    this.#files.add(fileName);
    await pipeline(stream, createWriteStream(join(this.#directory, fileName), { flags: 'wx', mode: 0o600 }));
  }

  #refuse(problem: Err<Failure>): void {
    this.#problem ??= problem;
    this.#stop.abort();
  }
}

const isDiskError = (error: unknown): error is Error => error instanceof Error && 'code' in error && ['ENOSPC', 'EIO', 'EACCES', 'EDQUOT', 'EMFILE', 'EROFS'].includes(String(error.code));

const malformed = () => fail('datasets/upload', text('The multipart body is broken or ends early.', 'multipart 请求体已损坏或提前结束。'));
const tooLarge = (limit: number) => fail('request/too-large', text(`The upload is longer than the ${limit} bytes that are taken here.`, `上传内容超过此处允许的 ${limit} 字节。`));
const tooManyParts = () => fail('datasets/upload', text(`An upload has one part "manifest" and at most ${MAX_FILES - 1} files.`, `一次上传包含一个 "manifest" 部分，至多 ${MAX_FILES - 1} 个文件。`));
const twice = (name: string) => fail('datasets/upload', text(`The file "${name}" is sent twice.`, `文件“${name}”重复上传。`));
const badName = () => fail('datasets/upload', text(
  'A file name has letters, digits, "_", "-", "." and spaces only, at most 128, and no path.',
  '文件名只能包含字母、数字、“_”、“-”、“.”和空格，至多 128 个字符，不含路径。',
));
