/** Checkpoints: the signed head of a log (C2SP tlog-checkpoint). */
import { err, ok, type Result } from '#contract/result.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { type NoteFailure, openNote, type Signer, signNote, type VerifierKey } from './note.ts';
import { type Hash, HASH_BYTES } from './tree.ts';

export interface Checkpoint {
  /** Name of the log; also the name of its key. */
  readonly origin: string;
  /** Number of entries, at most 2^53 - 1. */
  readonly size: number;
  readonly root: Hash;
  /** Opaque further lines. We write none. */
  readonly extensions: readonly string[];
}

export type CheckpointFailure =
  | NoteFailure
  | { readonly code: 'checkpoint/malformed' }
  /** Signed by the right key, but the head of another log. */
  | { readonly code: 'checkpoint/other-origin'; readonly origin: string };

export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), encodeBase64(root), ...extensions].map((line) => `${line}\n`).join('');
}

/** @returns null where the text is not exactly the body of a checkpoint. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.some((line) => line === '')) return null;
  const [origin, size, root, ...extensions] = lines;
  if (origin === undefined || size === undefined || root === undefined || !/^(0|[1-9][0-9]*)$/.test(size)) return null;
  const hash = decodeBase64(root);
  if (!Number.isSafeInteger(Number(size)) || hash?.length !== HASH_BYTES) return null;
  return { origin, size: Number(size), root: hash, extensions };
}

export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  return signNote(formatCheckpoint(checkpoint), [signer]);
}

/** Opens a checkpoint of the log whose key this is: the origin must be the key's name. */
export function openCheckpoint(note: Uint8Array, key: VerifierKey): Result<Checkpoint, CheckpointFailure> {
  const opened = openNote(note, [key]);
  if (!opened.ok) return opened;
  const checkpoint = parseCheckpoint(opened.value.text);
  if (checkpoint === null) return err({ code: 'checkpoint/malformed' });
  return checkpoint.origin === key.name ? ok(checkpoint) : err({ code: 'checkpoint/other-origin', origin: checkpoint.origin });
}
