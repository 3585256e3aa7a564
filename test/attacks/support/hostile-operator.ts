/**
 * An operator who wants to use everything up, as a process of its own: `node hostile-operator.ts URL TOKEN GRANT CONNECTIONS`. Begins
 * when a line comes on standard input, ends at the next, and then says how often each answer came, as one line of JSON.
 */
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

const [url = '', token = '', grant = '', connections = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });

/** Takes the gate's whole time for one text. */
const NONSENSE = `SELECT ${'1+'.repeat(16_000)}1`;
/** As many cells as the policy lets. */
const WIDE = `SELECT p.district, ${Array.from({ length: 40 }, (_, i) => `sum(v.cost) + ${i} AS c${i}`).join(', ')} FROM persons p JOIN visits v ON p.id = v.person GROUP BY p.district`;
const SMALL = 'SELECT district, count(*) AS n FROM persons GROUP BY district';
const APPLICATION = {
  userUnit: 'x'.repeat(200), scenario: 'x'.repeat(4000), columns: ['vault.persons.district'], sharing: 'statistics', until: new Date(Date.now() + 86_400_000).toISOString(), purpose: 'research',
};

/** What is hammered, in turn. */
const BLOWS: readonly (() => readonly [method: string, path: string, body?: unknown])[] = [
  () => ['POST', 'jobs:check', { grant, sql: NONSENSE }],
  () => ['POST', 'jobs', { grant, sql: WIDE }],
  () => ['POST', 'tokens', { name: 'x', scopes: ['jobs:read'], days: 1 }],
  () => ['POST', 'applications', APPLICATION],
  () => ['POST', 'jobs', { grant, sql: NONSENSE }],
  () => ['GET', 'jobs?limit=200'],
  () => ['POST', 'jobs', { grant, sql: SMALL }],
  () => ['POST', 'applications', { ...APPLICATION, purpose: 'advertising' }],
];

let on = false;
let blows = 0;
let answers = new Map<string, number>();

function strike(): Promise<void> {
  const [method, path, body] = BLOWS[blows++ % BLOWS.length]!();
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), 'idempotency-key': `k${blows}` };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1/${path}`, { method, headers, agent }, (reply) => {
      const kind = `${method} ${path.split('?')[0]} ${reply.statusCode}`;
      answers.set(kind, (answers.get(kind) ?? 0) + 1);
      reply.on('end', resolve).on('error', reject).resume();
    });
    sent.on('error', reject).end(text);
  });
}

let hammering: Promise<unknown> = Promise.resolve();
const hammer = async (): Promise<void> => { while (on) await strike(); };
for await (const _ of createInterface({ input: process.stdin })) {
  on = !on;
  if (on) {
    answers = new Map();
    hammering = Promise.all(Array.from({ length: Number(connections) }, hammer));
  } else {
    await hammering;
    process.stdout.write(`${JSON.stringify(Object.fromEntries(answers))}\n`);
  }
}
agent.destroy();
