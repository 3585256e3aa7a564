/** Receipts: that an entry is in a log, provable offline (C2SP tlog-proof). */
import { err, ok, type Result } from '#contract/result.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { type Checkpoint, type CheckpointFailure, openCheckpoint } from './checkpoint.ts';
import type { VerifierKey } from './note.ts';
import { type Hash, HASH_BYTES, verifyInclusion } from './tree.ts';

export interface Receipt {
  /** Not authenticated by anything. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  /** From the leaf's sibling up. */
  readonly path: readonly Hash[];
  /** The signed checkpoint as the log issued it. */
  readonly checkpoint: string;
}

export type ReceiptFailure =
  | CheckpointFailure
  | { readonly code: 'receipt/malformed' }
  /** The checkpoint is genuine, and the entry is not where the receipt says. */
  | { readonly code: 'receipt/not-included' };

const HEADER = 'c2sp.org/tlog-proof@v1';

/** A tree of 2^63 leaves has no longer path. */
const MAX_PATH = 63;

export function formatReceipt({ extra, index, path, checkpoint }: Receipt): string {
  return [
    HEADER,
    ...(extra === null ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${index}`,
    ...path.map(encodeBase64),
    '',
    checkpoint,
  ].join('\n');
}

/** @returns null where the text has not the form of a receipt; the checkpoint within is not looked at. */
export function parseReceipt(text: string): Receipt | null {
  const blank = text.indexOf('\n\n');
  if (blank < 0) return null;
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== HEADER) return null;
  let extra: Uint8Array | null = null;
  if (lines[0]?.startsWith('extra ') === true) {
    extra = decodeBase64(lines.shift()!.slice('extra '.length));
    if (extra === null) return null;
  }
  const index = /^index (0|[1-9][0-9]*)$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index)) || lines.length > MAX_PATH) return null;
  const path = lines.map(decodeBase64).filter((hash) => hash?.length === HASH_BYTES) as Hash[];
  return path.length === lines.length ? { extra, index: Number(index), path, checkpoint: text.slice(blank + 2) } : null;
}

/** @returns the checkpoint of the log under `key` that contains the leaf. */
export function verifyReceipt(text: string, leaf: Hash, key: VerifierKey): Result<Checkpoint, ReceiptFailure> {
  const receipt = parseReceipt(text);
  if (receipt === null) return err({ code: 'receipt/malformed' });
  const opened = openCheckpoint(Buffer.from(receipt.checkpoint, 'utf8'), key);
  if (!opened.ok) return opened;
  const { size, root } = opened.value;
  return verifyInclusion(receipt.index, size, leaf, receipt.path, root) ? ok(opened.value) : err({ code: 'receipt/not-included' });
}
