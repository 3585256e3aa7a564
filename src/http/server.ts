/**
 * The sockets in front of the application: how slowly requests may come and answers be taken, and how many may be connected. A
 * request that is none, or never becomes one, is answered here, for the application never sees it.
 */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { fail, type Failure } from '#contract/problem.ts';
import { text } from '#contract/text.ts';
import { problemOf } from './problem.ts';

export interface Patience {
  /** Milliseconds until all headers of a request are there, from the connection or the answer before. */
  readonly headersMs: number;
  /** Milliseconds until the whole request is there; an upload is the longest. */
  readonly requestMs: number;
  /** Milliseconds that a connection is kept between two requests. */
  readonly keepAliveMs: number;
  /** Milliseconds between two looks at what has been waited for too long. */
  readonly lookMs: number;
}

export const PATIENCE: Patience = { headersMs: 20_000, requestMs: 30 * 60_000, keepAliveMs: 5_000, lookMs: 5_000 };

/** Milliseconds that the rest of a body may take to come when its request has been answered: whoever sends it is still to read the answer. */
const LINGER_MS = 500;

/** Descriptors that connections leave to the database, the log, files and workers. */
const OWN_DESCRIPTORS = 256;

type Fetch = Parameters<typeof getRequestListener>[0];

/** @param connections at once, of which no more than there are descriptors for; further ones are closed unheard */
export function createServer(fetch: Fetch, connections: number, { headersMs, requestMs, keepAliveMs, lookMs }: Patience = PATIENCE): Server {
  // An exception of a handler has been answered by the application: only what is no request should come here.
  const listener = getRequestListener(fetch, { errorHandler: (error) => answerTo((error instanceof RequestError ? MALFORMED : UNEXPECTED).error) });
  const server = createHttpServer({ headersTimeout: headersMs, requestTimeout: requestMs, keepAliveTimeout: keepAliveMs, connectionsCheckingInterval: lookMs }, (incoming, outgoing) => {
    outgoing.once('finish', () => closeUnlessComplete(incoming));
    return listener(incoming, outgoing);
  });
  server.maxConnections = Math.min(connections, Math.max(1, descriptors() - OWN_DESCRIPTORS));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (socket.destroyed || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    socket.end(rawAnswer(WHY[error.code ?? '']?.error ?? MALFORMED.error), () => socket.destroy());
  });
  return server;
}

/** The listener does so for methods that have a body; nobody reads the body of a GET, so that it could come for as long as an upload may. */
function closeUnlessComplete(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  setTimeout(() => { if (!incoming.complete) incoming.socket.destroySoon(); }, LINGER_MS).unref();
}

const MALFORMED = fail('request/malformed', text('This is no HTTP request that the service understands; look at its first line and at Host.', '无法解析该 HTTP 请求；请检查请求行与 Host。'));
const UNEXPECTED = fail('service/unexpected', text('Something unexpected happened.', '发生了意外错误。'));
const WHY: Readonly<Record<string, ReturnType<typeof fail>>> = {
  HPE_HEADER_OVERFLOW: fail('request/headers', text('The headers of a request may have 16 KB together.', '请求头总长不得超过 16 KB。')),
  ERR_HTTP_REQUEST_TIMEOUT: fail('request/timeout', text('The request took too long to arrive.', '请求未能及时送达。')),
};

/** Nobody knows which language was asked for, nor the path. */
const bodyOf = (failure: Failure): string => JSON.stringify(problemOf(failure, 'en', '/'));
const HEADERS = { 'content-type': 'application/problem+json', 'content-language': 'en', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

function answerTo(failure: Failure): Response {
  return new Response(bodyOf(failure), { status: problemOf(failure, 'en', '/').status, headers: { ...HEADERS, connection: 'close' } });
}

function rawAnswer(failure: Failure): string {
  const { status } = problemOf(failure, 'en', '/');
  const body = bodyOf(failure);
  const headers = Object.entries({ ...HEADERS, 'content-length': Buffer.byteLength(body), connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('')}\r\n${body}`;
}

/** How many files the process may have open; as many as anybody asks for where the system does not say. */
function descriptors(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Number.MAX_SAFE_INTEGER);
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}
