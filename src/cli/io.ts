/** Everything a command may touch outside its arguments, passed in by `main.ts` so that tests can stand in for it. */
import type { Language } from '#contract/text.ts';

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results: what a program reads. */
  readonly out: (text: string) => void;
  /** Raw bytes of a result. */
  readonly outBytes: (bytes: Uint8Array) => void;
  /** Progress and complaints: what a person reads. */
  readonly err: (text: string) => void;
  /** The whole of standard input. */
  readonly input: () => Promise<Uint8Array>;
  /** Asks on the terminal without showing what is typed; null where there is no terminal. */
  readonly secret: (prompt: string) => Promise<string | null>;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: () => Date;
  /** Milliseconds, monotonic. */
  readonly elapsed: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly fetch: typeof fetch;
}

/** What `run` of a command gets besides its own arguments. */
export interface Session extends Io {
  readonly language: Language;
  /** `--json`: one JSON document (or one a line) on standard output, for programs. */
  readonly json: boolean;
  readonly server: string;
  /** The bearer token, read from --token-file, SLUICE_TOKEN, or what `sluice login` left; null without one. */
  readonly token: () => Promise<string | null>;
}
