/** Tiles and entry bundles: how a log is laid out in files (C2SP tlog-tiles). */
import { type Hash, HASH_BYTES, hashNode, type Nodes } from './tree.ts';

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const MAX_LEVEL = 63;

export interface Tile {
  /** 0: leaf hashes. Level L + 1 holds one hash for each full tile of level L. `entries`: the bundle beside a level 0 tile. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; less than 256 is a partial tile. */
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`. */
export function tilePath({ level, index, width }: Tile): string {
  const partial = width === TILE_WIDTH ? '' : `.p/${width}`;
  return `tile/${level}/${indexPath(index)}${partial}`;
}

/** @returns null for any path that `tilePath` would not have produced. */
export function parseTilePath(path: string): Tile | null {
  const [, level, index, width] = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path) ?? [];
  if (level === undefined || index === undefined) return null;
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(index.replace(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  if (tile.level !== 'entries' && tile.level > MAX_LEVEL) return null;
  // Also refuses superfluous leading elements (`x000/001`), a `.p/256`, and indices that a number cannot hold.
  return Number.isSafeInteger(tile.index) && tilePath(tile) === path ? tile : null;
}

/** Every tile and bundle of a tree of `size` leaves, level by level; at most the last of each level is partial. */
export function* tilesOf(size: number): Generator<Tile> {
  for (const level of levelsOf(size)) {
    const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
    for (let index = 0; index * TILE_WIDTH < hashes; index++) {
      yield { level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
    }
  }
}

function* levelsOf(size: number): Generator<Tile['level']> {
  if (size > 0) yield 'entries';
  for (let level = 0; size >= TILE_WIDTH ** level; level++) yield level;
}

/** Where the hash of a complete subtree is found: the tile, and the range of its hashes to be hashed together. */
export function tileOfNode(level: number, index: number): { readonly tileLevel: number; readonly tileIndex: number; readonly from: number; readonly to: number } {
  const within = level % TILE_HEIGHT;
  const first = index * 2 ** within;
  const from = first % TILE_WIDTH;
  return { tileLevel: (level - within) / TILE_HEIGHT, tileIndex: Math.floor(first / TILE_WIDTH), from, to: from + 2 ** within };
}

/** Reads nodes of a tree of `size` leaves out of its tiles. `read` gets only tiles of `tilesOf(size)`. */
export function nodesFromTiles(size: number, read: (tile: Tile) => Uint8Array): Nodes {
  return (level, index) => {
    const { tileLevel, tileIndex, from, to } = tileOfNode(level, index);
    const hashes = Math.floor(size / TILE_WIDTH ** tileLevel);
    const width = Math.min(TILE_WIDTH, hashes - tileIndex * TILE_WIDTH);
    if (to > width) throw new RangeError('not a complete subtree of this tree');
    return foldComplete(splitTile(read({ level: tileLevel, index: tileIndex, width })).slice(from, to));
  };
}

/** Hash over 2^k neighbouring subtrees of equal size. */
export function foldComplete(hashes: readonly Hash[]): Hash {
  let row = hashes;
  while (row.length > 1) row = row.filter((_, i) => i % 2 === 0).map((left, i) => hashNode(left, row[2 * i + 1]!));
  return row[0]!;
}

/** Throws where the length is not a multiple of 32: whoever reads a stranger's tile compares it as a whole instead. */
export function splitTile(bytes: Uint8Array): Hash[] {
  if (bytes.length % HASH_BYTES !== 0) throw new RangeError('not a tile');
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** Entries of at most 65,535 bytes, each after its length as a big-endian uint16. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries.flatMap((entry) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    return [length, entry];
  }));
}

/** @returns null where the bytes end within an entry. */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < view.length; ) {
    if (at + 2 > view.length) return null;
    const end = at + 2 + view.readUInt16BE(at);
    if (end > view.length) return null;
    entries.push(view.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** 1234067 → `x001/x234/067`. */
function indexPath(index: number): string {
  const elements: string[] = [];
  for (let rest = index; elements.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    elements.unshift(`${elements.length === 0 ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`);
  }
  return elements.join('/');
}

/** The right edge of a growing tree: the hashes of the last, still partial tile of each level. */
export class TileEdge {
  readonly #levels: Hash[][] = [];
  #size = 0;

  /** @returns the hash tiles that became full with this leaf, from level 0 up. */
  append(leaf: Hash): { readonly tile: Tile; readonly bytes: Uint8Array }[] {
    const full: { tile: Tile; bytes: Uint8Array }[] = [];
    this.#size += 1;
    let carry: Hash | null = leaf;
    for (let level = 0; carry !== null; level++) {
      const edge: Hash[] = (this.#levels[level] ??= []);
      edge.push(carry);
      carry = null;
      if (edge.length === TILE_WIDTH) {
        full.push({ tile: { level, index: this.#size / TILE_WIDTH ** (level + 1) - 1, width: TILE_WIDTH }, bytes: Buffer.concat(edge) });
        carry = foldComplete(edge);
        this.#levels[level] = [];
      }
    }
    return full;
  }

  /** The partial tiles of the tree as it is now. */
  partial(): { readonly tile: Tile; readonly bytes: Uint8Array }[] {
    return this.#levels.flatMap((edge, level) => edge.length === 0 ? [] : [{
      tile: { level, index: Math.floor(this.#size / TILE_WIDTH ** (level + 1)), width: edge.length },
      bytes: Buffer.concat(edge),
    }]);
  }
}
