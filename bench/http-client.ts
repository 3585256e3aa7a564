/** The least that an operator's program does for one job, over a kept connection: submit, and fetch the result when it is there. */
import { Agent, request } from 'node:http';
import { JobView } from '#contract/api/jobs.ts';
import type { Bench } from './service.ts';

/** Seconds that a request for a result waits. */
const WAIT = 60;

export class OperatorClient {
  readonly #bench: Bench;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Milliseconds from submitting the query until its result is here. */
  async ask(sql: string): Promise<number> {
    const began = performance.now();
    const { grant } = this.#bench;
    const { id } = JobView.parse(JSON.parse(await this.#send('POST', '/api/v1/jobs', JSON.stringify({ grant, sql }))));
    await this.#send('GET', `/api/v1/jobs/${id}/result?wait=${WAIT}`);
    return performance.now() - began;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, body?: string): Promise<string> {
    const { url, token } = this.#bench;
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) };
    return new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, headers, agent: this.#agent }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('error', reject);
        answer.on('end', () => {
          const said = Buffer.concat(pieces).toString('utf8');
          if ((answer.statusCode ?? 500) < 300) resolve(said);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${said}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
