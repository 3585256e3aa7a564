/** Runs `sluice` in this process, with everything it says caught. */
import { randomBytes } from 'node:crypto';
import { run } from '#src/cli/run.ts';
import type { Io } from '#src/cli/io.ts';

export interface CliRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface CliWorld {
  readonly env?: Record<string, string>;
  readonly input?: string | Uint8Array;
  readonly fetch?: typeof fetch;
  readonly interrupted?: AbortSignal;
  readonly secret?: string;
  /** Told of each piece of standard output as it comes. */
  readonly onOut?: (shown: string) => void;
}

/** English unless the environment says otherwise. HOME points nowhere, so that no kept token is found. */
export async function sluice(args: readonly string[], world: CliWorld = {}): Promise<CliRun> {
  let out = '';
  let err = '';
  const io: Io = {
    env: { LANG: 'en_US.UTF-8', HOME: '/nonexistent', ...world.env },
    out: (shown) => {
      out += shown;
      world.onOut?.(shown);
    },
    outBytes: (bytes) => void (out += Buffer.from(bytes).toString('latin1')),
    err: (shown) => void (err += shown),
    input: async () => (typeof world.input === 'string' ? Buffer.from(world.input) : world.input ?? new Uint8Array()),
    secret: async () => world.secret ?? null,
    random: randomBytes,
    clock: () => new Date(),
    elapsed: () => performance.now(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 20))),
    interrupted: world.interrupted ?? new AbortController().signal,
    fetch: world.fetch ?? (() => Promise.reject(new Error('no network in this test'))),
  };
  const status = await run(args, io);
  return { status, out, err };
}
