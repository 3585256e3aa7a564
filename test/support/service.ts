/** The real service as a process of its own over a temporary home, and people who drive it by the command line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sluice, type CliRun } from './cli.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export class Service {
  readonly directory: string;
  url = '';
  /** Everything the process wrote to standard error. */
  log = '';
  /** Everything it wrote to standard output. */
  out = '';
  #child: ChildProcess | null = null;

  constructor(directory: string) {
    this.directory = directory;
  }

  get home(): string {
    return join(this.directory, 'home');
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.directory, LANG: 'en_US.UTF-8' };
    const child = spawn(process.execPath, ['--no-warnings', MAIN, 'serve', '--home', this.home, '--port', '0', '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stderr.on('data', (piece: Buffer) => { this.log += piece.toString('utf8'); });
    child.stdout.on('data', (piece: Buffer) => { this.out += piece.toString('utf8'); });
    for await (const line of createInterface({ input: child.stdout })) {
      this.url = (JSON.parse(line) as { url: string }).url;
      return;
    }
    throw new Error(`the service did not start: ${this.log}`);
  }

  /** @returns its exit status; null where a signal ended it. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null;
    return new Promise((resolve) => {
      child.once('exit', (code) => resolve(code));
      child.kill(signal);
    });
  }

  /** Somebody with a configuration directory of their own, where a login keeps its token. */
  person(name: string): Person {
    return new Person(this, name);
  }
}

export class Person {
  readonly #service: Service;
  readonly #directory: string;
  readonly name: string;

  constructor(service: Service, name: string) {
    this.#service = service;
    this.name = name;
    this.#directory = join(service.directory, name);
    mkdirSync(this.#directory, { recursive: true });
  }

  file(name: string, content: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, content);
    return path;
  }

  run(args: readonly string[], more: { readonly input?: string; readonly token?: string } = {}): Promise<CliRun> {
    const env = { SLUICE_URL: this.#service.url, XDG_CONFIG_HOME: this.#directory, ...(more.token !== undefined && { SLUICE_TOKEN: more.token }) };
    return sluice(args, { fetch: globalThis.fetch, env, ...(more.input !== undefined && { input: more.input }) });
  }

  /** Runs with --json, expects the status, and gives the document. */
  async json<T>(args: readonly string[], status = 0, more: { readonly input?: string; readonly token?: string } = {}): Promise<T> {
    const ran = await this.run([...args, '--json'], more);
    if (ran.status !== status) throw new Error(`sluice ${args.join(' ')} ended with ${ran.status}: ${ran.err}`);
    return JSON.parse(ran.out) as T;
  }
}
