/** A log as a directory: `checkpoint`, `tile/…`, and the verifier key. What a server serves and an export contains. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writeDurably } from '#src/store/files.ts';
import { LOG_VKEY } from './log-key.ts';
import { decodeBundle, encodeBundle, parseTilePath, type Tile, TILE_WIDTH, tilePath } from './tiles.ts';
import { equal, HASH_BYTES } from './tree.ts';

/** Where a verifier reads from: a directory, or a server. Paths are those of tlog-tiles. @returns null where there is no such file. */
export interface LogSource {
  read(path: string): Promise<Uint8Array | null>;
}

export class LogFiles implements LogSource {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Any path of the log; null for anything else, so that a path from a request can be given as it is. */
  async read(path: string): Promise<Uint8Array | null> {
    if (path === 'checkpoint' || path === LOG_VKEY) return readIfThere(join(this.#directory, path));
    const tile = parseTilePath(path);
    return tile === null ? null : this.readTile(tile);
  }

  /** A partial tile whose full tile is there is cut from it. */
  async readTile(tile: Tile): Promise<Uint8Array | null> {
    const found = await readIfThere(join(this.#directory, tilePath(tile)));
    if (found !== null || tile.width === TILE_WIDTH) return found;
    const full = await readIfThere(join(this.#directory, tilePath({ ...tile, width: TILE_WIDTH })));
    return full === null ? null : cut(full, tile);
  }

  /** Writes a file unless it is there already with these bytes. @returns whether it was written. */
  async put(path: string, bytes: Uint8Array): Promise<boolean> {
    const target = join(this.#directory, path);
    const there = await readIfThere(target);
    if (there !== null && equal(there, bytes)) return false;
    await writeDurably(target, bytes);
    return true;
  }

  /** Partial tiles that their full tile makes superfluous. */
  async removePartials(full: Tile): Promise<void> {
    await rm(join(this.#directory, `${tilePath(full)}.p`), { recursive: true, force: true });
  }

  hasTiles(): boolean {
    return existsSync(join(this.#directory, 'tile'));
  }
}

function cut(full: Uint8Array, { level, width }: Tile): Uint8Array | null {
  if (level !== 'entries') return full.subarray(0, width * HASH_BYTES);
  const entries = decodeBundle(full);
  return entries === null ? null : encodeBundle(entries.slice(0, width));
}
