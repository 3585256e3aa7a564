/**
 * Frames between the planes: a length of four bytes (unsigned, big-endian), then that many bytes of UTF-8 JSON.
 * Pure: bytes in, values out; whoever holds the socket validates each value against its schema.
 */

/** Bytes of one frame to a worker, and from it. A longer frame ends the conversation. */
export const MAX_FRAME_TO_WORKER = 64 * 1024 * 1024;
export const MAX_FRAME_FROM_WORKER = 64 * 1024 * 1024;

const LENGTH_BYTES = 4;

/** Throws RangeError where the JSON is longer than `maxBytes`. */
export function encodeFrame(value: unknown, maxBytes: number): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(value));
  if (body.length > maxBytes) throw new RangeError('frame is too long');
  const frame = new Uint8Array(LENGTH_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, LENGTH_BYTES);
  return frame;
}

/** Puts frames together again from the pieces a socket delivers. After it has thrown it stays unusable. */
export class FrameDecoder {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #buffered = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a frame has begun that is not complete: an end of stream now cuts it off. */
  get partial(): boolean {
    return this.#buffered > 0;
  }

  /**
   * Values of every frame completed by `piece`, in order.
   * Throws RangeError on a frame over the limit, SyntaxError on what is not JSON, TypeError on what is not UTF-8.
   */
  push(piece: Uint8Array): unknown[] {
    this.#pieces.push(piece);
    this.#buffered += piece.length;
    const values: unknown[] = [];
    for (;;) {
      if (this.#buffered < LENGTH_BYTES) return values;
      const head = this.#peek(LENGTH_BYTES);
      const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
      if (length > this.#maxBytes) throw new RangeError('frame is too long');
      if (this.#buffered < LENGTH_BYTES + length) return values;
      this.#take(LENGTH_BYTES);
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#take(length));
      values.push(JSON.parse(text));
    }
  }

  #peek(count: number): Uint8Array {
    const first = this.#pieces[0];
    if (first !== undefined && first.length >= count) return first;
    this.#pieces = [concatenate(this.#pieces, this.#buffered)];
    return this.#pieces[0]!;
  }

  #take(count: number): Uint8Array {
    const taken: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const first = this.#pieces[0]!;
      if (first.length <= missing) {
        taken.push(first);
        missing -= first.length;
        this.#pieces.shift();
      } else {
        taken.push(first.subarray(0, missing));
        this.#pieces[0] = first.subarray(missing);
        missing = 0;
      }
    }
    this.#buffered -= count;
    return taken.length === 1 ? taken[0]! : concatenate(taken, count);
  }
}

function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
