/** Signed notes with Ed25519 signatures and their verifier keys (C2SP signed-note). */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { err, ok, type Result } from '#contract/result.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** Signature type byte of a plain Ed25519 signature over the note text. Other types belong to cosignatures. */
const ED25519 = 0x01;
const KEY_BYTES = 32;
const ID_BYTES = 4;

/** The specification asks for at least 16; more is somebody wasting our time. */
const MAX_SIGNATURES = 100;

export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), as 8 hexadecimal digits. */
  readonly id: string;
  readonly publicKey: KeyObject;
  /** `<name>+<id>+base64(type ‖ public key)`. */
  readonly vkey: string;
}

export interface Signer {
  readonly key: VerifierKey;
  readonly sign: (text: Uint8Array) => Uint8Array;
}

export interface Signature {
  readonly name: string;
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface Note {
  /** With its final newline. */
  readonly text: string;
  readonly signatures: readonly Signature[];
}

export type NoteFailure =
  | { readonly code: 'note/malformed' }
  | { readonly code: 'note/too-many-signatures' }
  /** None of the keys that are trusted has signed. */
  | { readonly code: 'note/no-known-signature' }
  /** A trusted key's signature does not verify: the whole note is refused. */
  | { readonly code: 'note/bad-signature'; readonly name: string }
  /** The same name and id was given twice as trusted, and signed. */
  | { readonly code: 'note/ambiguous-key'; readonly name: string };

export function parseNote(bytes: Uint8Array): Result<Note, NoteFailure> {
  const malformed = err({ code: 'note/malformed' } as const);
  const whole = decodeUtf8(bytes);
  if (whole === null || /[\u0000-\u0009\u000b-\u001f]/.test(whole)) return malformed;
  // The last blank line separates: the text may have blank lines of its own.
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0 || !whole.endsWith('\n')) return malformed;
  const text = whole.slice(0, blank + 1);
  const lines = whole.slice(blank + 2).split('\n').slice(0, -1);
  if (lines.length === 0) return malformed;
  if (lines.length > MAX_SIGNATURES) return err({ code: 'note/too-many-signatures' });
  const signatures = lines.map(parseSignature);
  return signatures.every((one) => one !== null) ? ok({ text, signatures }) : malformed;
}

/** Opens a note for somebody who trusts `keys`. @returns the text and the names of the keys that signed, in order. */
export function openNote(bytes: Uint8Array, keys: readonly VerifierKey[]): Result<{ readonly text: string; readonly signedBy: readonly string[] }, NoteFailure> {
  const parsed = parseNote(bytes);
  if (!parsed.ok) return parsed;
  const { text, signatures } = parsed.value;
  const message = Buffer.from(text, 'utf8');
  const signedBy = new Set<string>();
  for (const { name, id, bytes: signature } of signatures) {
    const known = keys.filter((key) => key.name === name && key.id === id);
    if (known[0] === undefined) continue;
    if (known.length > 1) return err({ code: 'note/ambiguous-key', name });
    if (!verify(null, message, known[0].publicKey, signature)) return err({ code: 'note/bad-signature', name });
    signedBy.add(name);
  }
  return signedBy.size > 0 ? ok({ text, signedBy: [...signedBy] }) : err({ code: 'note/no-known-signature' });
}

/** @param text ends with a newline and has no control character but newlines; anything else is a bug and throws. */
export function signNote(text: string, signers: readonly Signer[]): string {
  const message = Buffer.from(text, 'utf8');
  const lines = signers.map(({ key, sign: signText }) =>
    `— ${key.name} ${encodeBase64(Buffer.concat([Buffer.from(key.id, 'hex'), signText(message)]))}\n`);
  const note = `${text}\n${lines.join('')}`;
  const parsed = parseNote(Buffer.from(note, 'utf8'));
  if (!parsed.ok || parsed.value.text !== text) throw new Error('not a text that a note can carry');
  return note;
}

/** @returns null where the text is not a verifier key, or not one of an Ed25519 note signature. */
export function parseVerifierKey(vkey: string): VerifierKey | null {
  // Base 64 may contain plus signs itself: only the first two separate.
  const [, name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey) ?? [];
  if (name === undefined || material === undefined) return null;
  const bytes = decodeBase64(material);
  if (!isKeyName(name) || bytes === null || bytes[0] !== ED25519 || bytes.length !== 1 + KEY_BYTES) return null;
  const key = verifierKey(name, bytes.subarray(1));
  return key.id === id ? key : null;
}

/** @param seed 32 bytes, the private key of RFC 8032. */
export function signerFromSeed(name: string, seed: Uint8Array): Signer {
  if (!isKeyName(name) || seed.length !== KEY_BYTES) throw new Error('not a key name, or not an Ed25519 seed');
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { key: verifierKey(name, spki.subarray(-KEY_BYTES)), sign: (text) => sign(null, text, privateKey) };
}

/** `PRIVATE+KEY+<name>+<id>+base64(type ‖ seed)`, the form of Go's sumdb/note. */
export function formatSignerKey(name: string, seed: Uint8Array): string {
  return `PRIVATE+KEY+${name}+${signerFromSeed(name, seed).key.id}+${encodeBase64(Buffer.concat([Uint8Array.of(ED25519), seed]))}`;
}

/** @returns null where the text is not such a key. */
export function parseSignerKey(text: string): Signer | null {
  const [, name, id, material] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? [];
  if (name === undefined || material === undefined || !isKeyName(name)) return null;
  const bytes = decodeBase64(material);
  if (bytes === null || bytes[0] !== ED25519 || bytes.length !== 1 + KEY_BYTES) return null;
  const signer = signerFromSeed(name, bytes.subarray(1));
  return signer.key.id === id ? signer : null;
}

/** Non-empty, without Unicode spaces and plus signs. */
export function isKeyName(name: string): boolean {
  return /^[^+\p{White_Space}]+$/u.test(name) && name.isWellFormed();
}

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

function verifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  const material = Buffer.concat([Uint8Array.of(ED25519), publicKey]);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), material]), 'hex').slice(0, 2 * ID_BYTES);
  return {
    name,
    id,
    publicKey: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }),
    vkey: `${name}+${id}+${encodeBase64(material)}`,
  };
}

function parseSignature(line: string): Signature | null {
  const [, name, encoded] = /^— ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  if (name === undefined || encoded === undefined || !isKeyName(name)) return null;
  const bytes = decodeBase64(encoded);
  if (bytes === null || bytes.length <= ID_BYTES) return null;
  return { name, id: Buffer.from(bytes.subarray(0, ID_BYTES)).toString('hex'), bytes: bytes.subarray(ID_BYTES) };
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
