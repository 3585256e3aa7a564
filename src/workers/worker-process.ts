/** One worker process, seen from the control plane: start it, ask it one thing at a time, kill it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Socket } from 'node:net';
import { FrameDecoder, MAX_FRAME_FROM_WORKER, MAX_FRAME_TO_WORKER, encodeFrame } from '#contract/frame.ts';
import type { Digest } from '#contract/canonical.ts';
import { Answer, type JobSpec, type WorkerSetup } from '#contract/job.ts';
import type { Chain, ChainEntry } from '#contract/chain.ts';
import { cagedArguments, cagedEnvironment, type CagedCommand } from './cage.ts';

const FAILED: Answer = { kind: 'failed' };

/** What a worker may answer to each kind of job; anything else is garbage, and the worker is killed. */
const ANSWERS = {
  sql: ['released', 'held', 'refused', 'failed'],
  check: ['checked', 'refused', 'failed'],
  parquet: ['parquet', 'failed'],
  reveal: ['revealed', 'failed'],
  chain: ['chain-kept', 'failed'],
  enter: ['entered', 'refused', 'failed'],
  'withdraw-entry': ['entry-withdrawn', 'failed'],
  withdraw: ['withdrawal-sealed', 'ingest-refused', 'failed'],
  ingest: ['ingested', 'ingest-refused', 'failed'],
} as const satisfies Record<JobSpec['kind'], readonly Answer['kind'][]>;

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder(MAX_FRAME_FROM_WORKER);
  #receive: ((answer: Answer) => void) | null = null;
  #alive = true;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  /** Jobs asked so far. */
  jobs = 0;
  /** How far it has been told of each chain. */
  readonly heads: Record<Chain, Digest | null> = { ledger: null, withdrawals: null };
  /** Name and version of its engine, once it is ready. */
  engine: string | null = null;

  /** `background`: gives way to others where processors are scarce. */
  constructor(command: CagedCommand, background = false) {
    this.#child = spawn('/bin/sh', cagedArguments(command), {
      // A group of its own, to be killed as one.
      cwd: '/', env: cagedEnvironment(command.isolation), stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true,
    });
    this.#socket = this.#child.stdio[3] as Socket;
    if (background) giveWay(this.#child.pid);
    this.gone = new Promise((resolve) => {
      // 'error': the process could not be started at all.
      this.#child.once('error', () => { this.#fail(); resolve(); });
      this.#child.once('exit', () => { this.#fail(); resolve(); });
    });
    this.#socket.on('data', (piece: Uint8Array) => this.#read(piece));
    this.#socket.on('error', () => this.kill());
    this.#socket.on('end', () => this.kill());
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends the setup; whether the worker is ready within `startMs` milliseconds. If not, it is killed. */
  async start(setup: WorkerSetup, startMs: number): Promise<boolean> {
    const answer = await this.#exchange(setup, ['ready'], startMs, null);
    if (answer.kind === 'ready') this.engine = answer.engine;
    return answer.kind === 'ready';
  }

  /**
   * Asks one job; never two at once. Throws RangeError where the job is longer than a frame may be. A crash, a kill, a time-out, an abort and an answer that is not one all give `failed`.
   * @param wallMs milliseconds until the process is killed
   */
  async ask(spec: JobSpec, wallMs: number, signal: AbortSignal | null): Promise<Answer> {
    this.jobs++;
    return this.#exchange(spec, ANSWERS[spec.kind], wallMs, signal);
  }

  /**
   * Tells what a chain holds, for the jobs to come. Whether it has been taken.
   * @param wallMs milliseconds until the process is killed
   */
  async tell(chain: Chain, entries: readonly ChainEntry[], wallMs: number, signal: AbortSignal | null): Promise<boolean> {
    const answer = await this.#exchange({ kind: 'chain', chain, entries: [...entries] }, ANSWERS.chain, wallMs, signal);
    if (answer.kind === 'chain-kept') this.heads[chain] = answer.head;
    return answer.kind === 'chain-kept';
  }

  async #exchange(frame: WorkerSetup | JobSpec, expected: readonly Answer['kind'][], wallMs: number, signal: AbortSignal | null): Promise<Answer> {
    if (this.#receive !== null) throw new Error('a worker is asked one thing at a time');
    if (!this.#alive || signal?.aborted) {
      this.kill();
      return FAILED;
    }
    const bytes = encodeFrame(frame, MAX_FRAME_TO_WORKER);
    const kill = () => this.kill();
    const timer = setTimeout(kill, wallMs);
    signal?.addEventListener('abort', kill, { once: true });
    try {
      const answer = await new Promise<Answer>((resolve) => {
        this.#receive = resolve;
        this.#socket.write(bytes);
      });
      if (expected.includes(answer.kind)) return answer;
      this.kill();
      return FAILED;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
    }
  }

  #read(piece: Uint8Array): void {
    let frames: unknown[];
    try {
      frames = this.#decoder.push(piece);
    } catch {
      return this.kill();
    }
    for (const frame of frames) {
      const answer = Answer.safeParse(frame);
      const receive = this.#receive;
      // Speaking without being asked, or not in the contract's form.
      if (!answer.success || receive === null) return this.kill();
      this.#receive = null;
      receive(answer.data);
    }
  }

  /** SIGKILL: an interrupt is ignored by some of DuckDB's planner steps. Whoever waits for an answer gets `failed` at once. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    // With what it has started: killed while it starts, bwrap would leave a child behind that waits for it for ever.
    if (pid !== undefined && exitCode === null && signalCode === null) killGroup(pid);
    this.#socket.destroy();
    this.#fail();
  }

  #fail(): void {
    this.#alive = false;
    const receive = this.#receive;
    this.#receive = null;
    receive?.(FAILED);
  }

  /** Resident bytes of the process and what it started (under bubblewrap the worker is a grandchild); null where unknown. */
  residentBytes(): number | null {
    return this.pid === undefined || !this.#alive ? null : treeResidentBytes(this.pid);
  }
}

/** What the process starts is as patient as itself. Where the system does not let it be, it goes on as it is. */
function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

function treeResidentBytes(pid: number): number | null {
  try {
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readdirSync(`/proc/${pid}/task`)
      .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
      .filter((child) => child !== '');
    return kilobytes * 1024 + children.reduce((sum, child) => sum + (treeResidentBytes(Number(child)) ?? 0), 0);
  } catch {
    return null;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
