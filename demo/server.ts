/** Starts a server of its own for the demonstration: own directory, own port, stopped at the end. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** As `npm run sluice` has it: a young generation that stays small keeps 50 MB less, and costs no time that could be measured. */
const FLAGS = ['--max-semi-space-size=8'];
const SLUICE = new URL('../src/cli/main.ts', import.meta.url).pathname;
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

/** `demo-1`, `demo-2`, … below a directory: the first that does not exist. */
export function newHome(below: string): string {
  mkdirSync(resolve(below), { recursive: true });
  for (let n = 1; ; n++) {
    const home = resolve(below, `demo-${n}`);
    try {
      mkdirSync(home, { mode: 0o700 });
      return home;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

export class Server {
  readonly url: string;
  readonly home: string;
  readonly #environment: NodeJS.ProcessEnv;
  #process: ChildProcess | null = null;

  constructor(home: string, port: number) {
    this.home = home;
    this.url = `http://127.0.0.1:${port}`;
    // Settings of the machine's own Sluice must not reach this one.
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'));
    this.#environment = { ...Object.fromEntries(others), SLUICE_HOME: home, SLUICE_PORT: String(port) };
  }

  /** Of the running server; undefined where it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Creates keys and store, and the first administrator's token in a file with mode 0600. */
  async init(): Promise<string> {
    const file = join(this.home, 'admin.token');
    const run = spawn(process.execPath, [SLUICE, 'init', '--admin-token-file', file], { env: this.#environment, stdio: ['ignore', 'ignore', 'inherit'] });
    const [status] = (await once(run, 'exit')) as [number | null];
    if (status !== 0) throw new Error('sluice init failed');
    return readFileSync(file, 'utf8').trim();
  }

  /** Resolves when the server takes requests; its own messages go to `server.log`. */
  async start(): Promise<void> {
    const log = openSync(join(this.home, 'server.log'), 'a');
    const started = spawn(process.execPath, [...FLAGS, SLUICE, 'serve'], { env: this.#environment, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#process = started;
    const deadline = performance.now() + START_LIMIT_MS;
    while (performance.now() < deadline) {
      if (started.exitCode !== null) break;
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await sleep(50);
    }
    throw new Error(`the server did not start; see ${join(this.home, 'server.log')}`);
  }

  /** Asks it to stop, and makes it where it does not. */
  async stop(): Promise<void> {
    const running = this.#process;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGTERM');
    const stubborn = setTimeout(() => running.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(stubborn);
  }
}

