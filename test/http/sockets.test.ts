/** On the wire: requests that never come to an end, answers that nobody takes, connections without number, and what is no request. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '#contract/problem.ts';
import { ok } from '#contract/result.ts';
import { ConfigSchema } from '#src/config.ts';
import type { Api } from '#src/http/api.ts';
import { route } from '#src/http/route.ts';
import { createServer } from '#src/http/server.ts';
import { testApp, type TestApp } from '../support/app.ts';

const PATIENCE = { headersMs: 300, requestMs: 2000, keepAliveMs: 200, lookMs: 50 };
const BODY_MS = 300;
const STALL_MS = 1500;
const LIMITS = { ...ConfigSchema.parse({}).limits, requestsAtOnce: 3 };
/** More than the buffers of both sides hold. */
const LARGE = 16 * 2 ** 20;

const BYTES = new Uint8Array(LARGE);

const mounts = [(api: Api) => {
  api.on(route({ method: 'get', path: '/api/v1/test/large', id: 'large', tag: 'test', summary: 'large', access: { roles: ['operator'], scope: null }, answer: { status: 200, description: '', schema: null, media: ['text/plain'] } }), () => ok(new Response(BYTES)));
  api.on(route({ method: 'get', path: '/api/v1/test/endless', id: 'endless', tag: 'test', summary: 'waits', access: { roles: ['operator'], scope: null }, answer: { status: 204, description: '', schema: null } }), async ({ request }) => {
    await new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve(), { once: true }));
    return ok(undefined);
  });
}];

let app: TestApp;
let server: Server;
let sockets: Socket[];
beforeEach(async () => {
  app = await testApp({ mounts, config: { limits: LIMITS }, bodyMs: BODY_MS, stallMs: STALL_MS });
  server = createServer(app.app.fetch, 20, PATIENCE);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await app.dispose();
});

interface Wire {
  readonly socket: Socket;
  /** What has come back so far. */
  readonly got: () => string;
  /** Resolves with what came back when the other side has closed. */
  readonly closed: Promise<string>;
}

function open(text: string | Uint8Array = '', port = (server.address() as AddressInfo).port): Wire {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const pieces: Buffer[] = [];
  const got = () => Buffer.concat(pieces).toString('utf8');
  socket.on('data', (piece) => pieces.push(piece)).on('error', () => {});
  if (text.length > 0) socket.write(text);
  return { socket, got, closed: new Promise((resolve) => socket.once('close', () => resolve(got()))) };
}

const token = () => app.people.operator.token;
const head = (first: string, headers: Readonly<Record<string, string | number>> = {}) =>
  `${first} HTTP/1.1\r\n${Object.entries({ Host: 'sluice.test', Authorization: `Bearer ${token()}`, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
const CLOSE = { Connection: 'close' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
function problemOf(answer: string): Problem {
  const [headers = '', body = ''] = answer.split('\r\n\r\n');
  expect(headers.toLowerCase()).toContain('content-type: application/problem+json');
  return Problem.parse(JSON.parse(body));
}
async function me(): Promise<number> {
  return statusOf(await open(head('GET /api/v1/me', CLOSE)).closed);
}
const within = async (milliseconds: number, wire: Wire): Promise<string> => {
  const late = Symbol('late');
  const answer = await Promise.race([wire.closed, sleep(milliseconds, late)]);
  if (answer === late) throw new Error(`still open after ${milliseconds} ms: ${wire.got().slice(0, 200)}`);
  return answer as string;
};

describe('what comes slowly or never', () => {
  test('headers that trickle in', async () => {
    const wire = open('GET /healthz HTTP/1.1\r\nHost: x\r\n');
    const trickle = setInterval(() => wire.socket.write('X-A: b\r\n'), 20);
    const answer = await within(3000, wire);
    clearInterval(trickle);
    expect(problemOf(answer)).toMatchObject({ code: 'request/timeout', status: 408 });
  });

  test('nothing at all', async () => {
    await within(3000, open());
  });

  test.each([
    ['announced', { 'Content-Length': 1000 }, '{"name":'],
    ['in chunks', { 'Transfer-Encoding': 'chunked' }, '5\r\n{"a":\r\n'],
  ])('a body that stops, %s', async (_, headers, begun) => {
    const wire = open(head('POST /api/v1/tokens', { ...JSON_TYPE, ...headers }) + begun);
    expect(problemOf(await within(3000, wire))).toMatchObject({ code: 'request/timeout', status: 408 });
    expect(app.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a body that comes byte by byte without end', async () => {
    const wire = open(head('POST /api/v1/sessions', { ...JSON_TYPE, 'Content-Length': 100_000 }));
    const trickle = setInterval(() => wire.socket.write(' '), 10);
    const answer = await within(3000, wire);
    clearInterval(trickle);
    expect(statusOf(answer)).toBe(408);
  });

  test('a body whose sender goes away is no exception', async () => {
    const wire = open(`${head('POST /api/v1/tokens', { ...JSON_TYPE, 'Content-Length': 1000 })}{"name":`);
    await sleep(50);
    wire.socket.destroy();
    await expect.poll(() => app.lines.at(-1)?.fields['problem']).toBe('request/incomplete');
    expect(app.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a connection kept after its answer', async () => {
    const wire = open(head('GET /api/v1/me'));
    expect(statusOf(await within(3000, wire))).toBe(200);
  });
});

describe('an answered request whose body goes on coming', () => {
  const ENDLESS = [['announced', 'Content-Length: 100000000', 'a'], ['in chunks', 'Transfer-Encoding: chunked', '1\r\na\r\n']] as const;
  const REQUESTS = ['GET /healthz', 'HEAD /healthz', 'GET /nothing', 'GET /api/v1/me', 'POST /nothing', 'POST /api/v1/datasets', 'PUT /healthz', 'DELETE /api/v1/tokens/tok_00000000000000000000000000', 'OPTIONS /healthz'];
  let patient: Server;
  // As patient as the service is: only what is said of such a request ends it.
  beforeEach(async () => {
    patient = createServer(app.app.fetch, 40);
    patient.listen(0, '127.0.0.1');
    await once(patient, 'listening');
  });
  afterEach(() => new Promise((resolve) => {
    patient.closeAllConnections();
    patient.close(resolve);
  }));
  const port = () => (patient.address() as AddressInfo).port;

  test.each(ENDLESS)('has its answer, and loses its connection soon: %s', async (_, header, piece) => {
    await Promise.all(REQUESTS.map(async (first) => {
      const wire = open(`${first} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`, port());
      const trickle = setInterval(() => wire.socket.write(piece), 20);
      const answer = await within(5000, wire).finally(() => clearInterval(trickle));
      expect(statusOf(answer), first).toBeGreaterThanOrEqual(200);
    }));
  });

  test('but one that came to its end keeps its connection', async () => {
    const wire = open('GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}', port());
    await expect.poll(() => statusOf(wire.got())).toBe(200);
    await sleep(700);
    wire.socket.write('GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await within(3000, wire)).toContain('HTTP/1.1 404');
  });
});

describe('an account that does not take its answers', () => {
  test('has no more requests until they are taken or given up', async () => {
    const stalled = Array.from({ length: LIMITS.requestsAtOnce }, () => {
      const wire = open(head('GET /api/v1/test/large'));
      wire.socket.pause();
      return wire;
    });
    await expect.poll(me, { timeout: 3000, interval: 10 }).toBe(429);
    await expect.poll(me, { timeout: 10_000, interval: 100 }).toBe(200);
    for (const { socket } of stalled) socket.resume();
    // The first that is given up makes room; one that is read again before its own time is up gets all of its answer.
    const lengths = await Promise.all(stalled.map(async (wire) => (await within(3000, wire)).length));
    expect(Math.min(...lengths)).toBeLessThan(LARGE);
  });

  test('whoever takes it slowly gets all of it', async () => {
    const wire = open(head('GET /api/v1/test/large', CLOSE));
    for (let i = 0; i < 6; i++) {
      wire.socket.pause();
      await sleep(STALL_MS / 3);
      wire.socket.resume();
      await sleep(5);
    }
    expect((await within(5000, wire)).length).toBeGreaterThan(LARGE);
  });

  test('that goes away while its requests wait has them back', async () => {
    const waiting = Array.from({ length: LIMITS.requestsAtOnce }, () => open(head('GET /api/v1/test/endless')));
    await expect.poll(me, { timeout: 3000, interval: 10 }).toBe(429);
    for (const { socket } of waiting) socket.destroy();
    await expect.poll(me, { timeout: 3000 }).toBe(200);
  });
});

test('more connections than there may be are closed unheard, and make room when they go', async () => {
  const idle = Array.from({ length: 40 }, () => open('GET /healthz HTTP/1.1\r\n'));
  await expect.poll(() => idle.filter(({ socket, got }) => socket.closed && got() === '').length, { interval: 10 }).toBeGreaterThanOrEqual(20);
  expect(statusOf(await open(head('GET /api/v1/me', CLOSE)).closed)).toBeNaN();
  // Those that were let in say nothing in time.
  await expect.poll(me, { timeout: 5000 }).toBe(200);
});

describe('what is no request', () => {
  test.each<[string, string, number, string]>([
    ['bytes', '\x00\x01\x02\r\n\r\n', 400, 'request/malformed'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, ''],
    ['a Host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n', 400, 'request/malformed'],
    ['a method that is none', 'FOO /healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request/malformed'],
    ['two lengths', 'POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'request/malformed'],
    ['two different Content-Length', 'POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', 400, 'request/malformed'],
    ['a header over two lines', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n', 400, 'request/malformed'],
    ['a header name with a space', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n', 400, 'request/malformed'],
    ['20 KB of headers', `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'request/headers'],
    ['3000 headers', `GET /healthz HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 3000 }, (_, i) => `a${i}: b\r\n`).join('')}\r\n`, 431, 'request/headers'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400, 'request/malformed'],
    ['a backslash in the path', 'GET /api\\v1\\me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400, 'request/malformed'],
    ['a chunk without a size', 'POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400, 'request/malformed'],
  ])('%s', async (_, sent, status, code) => {
    const answer = await within(3000, open(sent));
    expect(statusOf(answer)).toBe(status);
    if (code !== '') expect(problemOf(answer).code).toBe(code);
    expect(app.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test.each(['CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n'])('nothing is passed on: %j', async (sent) => {
    expect(await within(3000, open(sent))).toBe('');
  });
});

describe('paths and methods', () => {
  test.each<[string, number]>([
    ['GET /api/v1/me', 200],
    ['GET http://elsewhere.example/api/v1/me', 200],
    ['GET /api/v1/./me', 200],
    ['GET /api/v1/x/../me', 200],
    ['GET /api/v1/%6de', 200],
    ['GET //api/v1/me', 404],
    ['GET /api//v1/me', 404],
    ['GET /api%2fv1%2fme', 404],
    ['GET /API/v1/me', 404],
    ['GET /api/v1/me/', 404],
    ['GET /api/v1/me;a=b', 404],
    ['GET /api/v1/me%00', 404],
    ['GET /%ff%fe', 404],
    ['GET /api/v1/tokens/../../../../etc/passwd', 404],
    ['GET /audit/tile/..%2f..%2fsluice.db', 403],
    [`GET /${'a'.repeat(14_000)}`, 404],
    ['PUT /api/v1/me', 405],
    ['TRACE /api/v1/me', 405],
    ['PROPFIND /api/v1/me', 405],
    ['OPTIONS /api/v1/me', 405],
  ])('%s → %i', async (first, status) => {
    const answer = await within(3000, open(head(first, { ...CLOSE, Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'POST' })));
    expect(statusOf(answer), answer.slice(0, 300)).toBe(status);
    expect(answer.toLowerCase()).not.toContain('access-control-allow');
    expect(answer).not.toContain(token());
  });

  test('HEAD has the headers of GET and no body', async () => {
    const answer = await within(3000, open(head('HEAD /api/v1/me', CLOSE)));
    expect(statusOf(answer)).toBe(200);
    expect(answer.split('\r\n\r\n')[1]).toBe('');
  });

  test('of two credentials none is guessed: what stands first in Authorization counts, and it must be good', async () => {
    const twice = (first: string, second: string) => open(`GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: ${first}\r\nAuthorization: ${second}\r\nConnection: close\r\n\r\n`).closed;
    expect(statusOf(await twice('Bearer nonsense', `Bearer ${token()}`))).toBe(401);
    expect(statusOf(await twice(`Bearer ${token()}, Bearer nonsense`, 'x'))).toBe(401);
  });
});
