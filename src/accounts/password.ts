/** Passwords: argon2id, kept in PHC string form, and what a new one must be like. */
import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';

/** `memory`: KiB. `passes`: iterations. One lane. */
export type PasswordCost = { readonly memory: number; readonly passes: number };

/**
 * Source: OWASP Password Storage Cheat Sheet, argon2id with m = 46 MiB, t = 1, p = 1 (about 60 ms). Of its settings, which
 * it calls equally strong, the one above 32 MiB: glibc gives a block of that size back to the system at once.
 */
export const PASSWORD_COST: PasswordCost = { memory: 47_104, passes: 1 };

const SALT_BYTES = 16;
const TAG_BYTES = 32;
const derive = promisify(argon2);

export class Passwords {
  readonly #cost: PasswordCost;
  readonly #random: (bytes: number) => Uint8Array;
  /** Verified against where there is nothing to verify against, so that an unknown name takes the same time. */
  readonly #decoy: string;
  /** One derivation at a time: a crowd at the door waits instead of filling the memory. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(random: (bytes: number) => Uint8Array, cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost;
    this.#random = random;
    this.#decoy = format(cost, random(SALT_BYTES), random(TAG_BYTES));
  }

  async hash(password: string): Promise<string> {
    const salt = this.#random(SALT_BYTES);
    return format(this.#cost, salt, await this.#derive(password, salt, this.#cost));
  }

  /** `hash` null: does the same work and says no. */
  async verify(password: string, hash: string | null): Promise<boolean> {
    const { cost, salt, tag } = parse(hash ?? this.#decoy);
    const same = timingSafeEqual(await this.#derive(password, salt, cost), tag);
    return same && hash !== null;
  }

  #derive(password: string, salt: Uint8Array, cost: PasswordCost): Promise<Uint8Array> {
    const tag = this.#turn.then(() => tagOf(password, salt, cost));
    this.#turn = tag.catch(() => {});
    return tag;
  }
}

/**
 * Length is what counts; no rules about kinds of characters (NIST SP 800-63B 3.1.1.2). Fails `accounts/password-weak`.
 * Lengths in code points after NFC.
 */
export function checkStrength(password: string, login: string): Result<null, Failure> {
  const points = [...password.normalize('NFC')];
  if (points.length < 12) return weak('It must have at least 12 characters; a sentence of four or five words is a good one.', '密码至少须有 12 个字符；由四五个词组成的句子即可。');
  if (new Set(points).size < 5) return weak('It must have at least 5 different characters.', '密码至少须有 5 个不同的字符。');
  if (password.toLowerCase().includes(login.toLowerCase())) return weak('It must not contain the login name.', '密码不得包含登录名。');
  return ok(null);
}

const weak = (en: string, zh: string) => fail('accounts/password-weak', text(`The new password is too weak. ${en}`, `新密码强度不足。${zh}`));

function tagOf(password: string, nonce: Uint8Array, { memory, passes }: PasswordCost): Promise<Uint8Array> {
  return derive('argon2id', { message: password.normalize('NFC'), nonce, memory, passes, parallelism: 1, tagLength: TAG_BYTES });
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');

function format({ memory, passes }: PasswordCost, salt: Uint8Array, tag: Uint8Array): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=1$${base64(salt)}$${base64(tag)}`;
}

function parse(hash: string): { cost: PasswordCost; salt: Uint8Array; tag: Uint8Array } {
  const [, memory, passes, salt, tag] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([^$]+)\$([^$]+)$/.exec(hash) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('a stored password hash is not in the form this program writes');
  return { cost: { memory: Number(memory), passes: Number(passes) }, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}
