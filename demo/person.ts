/** A person of the story at the command line: each has a token of their own and speaks to the server only through `sluice`. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { run } from '../src/cli/run.ts';
import type { Language } from '#contract/text.ts';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Where the people of one demonstration live. */
export interface Place {
  readonly server: string;
  /** Directory for the tokens that `sluice login` keeps. */
  readonly directory: string;
  readonly language: Language;
}

export class Person {
  readonly login: string;
  readonly #place: Place;
  readonly #token: string | undefined;

  /** @param token given where the person has not logged in: the administrator's first token */
  constructor(place: Place, login: string, token?: string) {
    this.#place = place;
    this.login = login;
    this.#token = token;
  }

  /** Runs one command and gives what it printed, whatever its exit status. `input` is standard input. */
  async sluice(args: readonly string[], input = ''): Promise<Said> {
    const { server, directory, language } = this.#place;
    let out = '';
    let err = '';
    const status = await run([...args, '--server', server, '--lang', language], {
      env: { XDG_CONFIG_HOME: `${directory}/${this.login}`, ...(this.#token !== undefined && { SLUICE_TOKEN: this.#token }) },
      out: (said) => { out += said; },
      outBytes: (bytes) => { out += Buffer.from(bytes).toString('utf8'); },
      err: (said) => { err += said; },
      input: async () => Buffer.from(input, 'utf8'),
      secret: async () => null,
      random: randomBytes,
      clock: () => new Date(),
      elapsed: () => performance.now(),
      sleep: (milliseconds) => sleep(milliseconds),
      interrupted: new AbortController().signal,
      fetch: globalThis.fetch,
    });
    return { status, out, err };
  }

  /** Runs a command that has to work and gives what it printed; throws with its complaint where it does not. */
  async must(args: readonly string[], input?: string): Promise<string> {
    const { status, out, err } = await this.sluice(args, input);
    if (status !== 0) throw new Error(`sluice ${args.join(' ')}\n${err === '' ? out : err}`);
    return out;
  }

  /** As `must`, with the JSON answer parsed. */
  async ask<Schema extends z.ZodType>(schema: Schema, args: readonly string[], input?: string): Promise<z.output<Schema>> {
    return schema.parse(JSON.parse(await this.must([...args, '--json'], input)));
  }
}
