/** The HTTP API as commands use it: JSON in, JSON out, and every problem turned into a sentence and an exit status. */
import { Problem } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { z } from 'zod';
import type { Session } from './io.ts';
import { stop, STATUS, type CliFailure } from './outcome.ts';
import { showRefusals } from './output/refusal.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Request {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** A JSON document. */
  readonly body?: unknown;
  /** Anything else, with its own media type in `headers`. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | Blob | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** The operator's own text that positions of refusals count in. */
  readonly sql?: string;
  /** What the path is below; default `/api/v1`. */
  readonly below?: string;
}

/** Answers 2xx with the response; everything else is a failure with its sentence. */
export async function send(session: Session, method: Method, path: string, request: Request = {}): Promise<Result<Response, CliFailure>> {
  let token: string | null;
  try {
    token = await session.token();
  } catch {
    return stop(STATUS.usage, text('The file named by --token-file cannot be read.', '无法读取 --token-file 指定的文件。'));
  }
  let url: URL;
  try {
    url = new URL(`${request.below ?? '/api/v1'}${path}`, session.server);
  } catch {
    return stop(STATUS.usage, text(`"${session.server}" is not a URL; a server is named like http://127.0.0.1:8080.`, `“${session.server}”不是合法的 URL；服务器地址形如 http://127.0.0.1:8080。`));
  }
  for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': session.language, ...request.headers };
  if (token !== null) headers['authorization'] = `Bearer ${token}`;
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  // A creation that is sent again after a broken connection must not happen twice.
  if (method === 'POST') headers['idempotency-key'] ??= Buffer.from(session.random(16)).toString('hex');
  const body = request.body === undefined ? request.raw : JSON.stringify(request.body);
  const sent: Pick<RequestInit, 'body' | 'duplex'> = body === undefined ? {} : body instanceof FormData ? streamed(body, headers) : { body };
  let response: Response;
  try {
    response = await session.fetch(url, { method, headers, redirect: 'error', signal: session.interrupted, ...sent });
  } catch {
    if (session.interrupted.aborted) return stop(STATUS.interrupted, text('Interrupted.', '已中断。'));
    return stop(STATUS.unavailable, text(
      `No server answers at ${url.origin}. Start one with \`sluice serve\`, or name another with --server or SLUICE_URL.`,
      `${url.origin} 没有服务器应答。请用 \`sluice serve\` 启动，或以 --server、SLUICE_URL 指定其他服务器。`,
    ));
  }
  return response.ok ? ok(response) : problemOf(session, response, request.sql ?? null);
}

/**
 * A form as a stream that may be left unread. A server that refuses an upload answers before it has all of it, and `fetch` then
 * cancels the body: a form's own stream, cancelled while it reads a file, throws where nothing can catch it (Node 24).
 */
function streamed(form: FormData, headers: Record<string, string>): { readonly body: ReadableStream<Uint8Array>; readonly duplex: 'half' } {
  const encoded = new Response(form);
  headers['content-type'] = encoded.headers.get('content-type') ?? '';
  return { body: ReadableStream.from(pieces(encoded.body?.getReader())), duplex: 'half' };
}

/** Never cancels the reader: what is not asked for is simply not read. */
async function* pieces(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return;
    yield piece.value;
  }
}

export async function call<Schema extends z.ZodType>(session: Session, method: Method, path: string, schema: Schema, request: Request = {}): Promise<Result<z.output<Schema>, CliFailure>> {
  const answered = await send(session, method, path, request);
  if (!answered.ok) return answered;
  const body: unknown = await answered.value.json().catch(() => undefined);
  const parsed = schema.safeParse(body);
  if (parsed.success) return ok(parsed.data);
  return stop(STATUS.unavailable, text(
    `The answer of ${session.server} to ${method} ${path} is not what this version of sluice understands. Is it a Sluice server of the same version?`,
    `${session.server} 对 ${method} ${path} 的应答不是本版本 sluice 能理解的格式。它是同版本的 Sluice 服务器吗？`,
  ));
}

async function problemOf(session: Session, response: Response, sql: string | null): Promise<Result<never, CliFailure>> {
  const parsed = Problem.safeParse(await response.json().catch(() => undefined));
  const status = response.status >= 500 || response.status === 429 ? STATUS.unavailable : STATUS.refused;
  if (!parsed.success) {
    return stop(status, text(`The server answered ${response.status} without saying why.`, `服务器返回 ${response.status}，未说明原因。`));
  }
  const problem = parsed.data;
  // Many details begin with what the title says.
  const said = problem.detail.startsWith(problem.title) ? text(problem.detail, problem.detail) : text(`${problem.title}. ${problem.detail}`, `${problem.title}。${problem.detail}`);
  return stop(status, said, {
    body: problem,
    lines: [
      ...(problem.errors ?? []).filter(({ at, message }) => !problem.detail.includes(`${at}: ${message}`)).map(({ at, message }) => `  ${at}: ${message}`),
      ...showRefusals(problem.refusals ?? [], sql, session.language),
      ...(problem.incident === undefined ? [] : [text(`  incident ${problem.incident}`, `  事件编号 ${problem.incident}`)[session.language]]),
    ],
  });
}
