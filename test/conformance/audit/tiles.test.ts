import { describe, expect, it } from 'vitest';
import { openCheckpoint, signCheckpoint } from '#src/audit/checkpoint.ts';
import { parseSignerKey } from '#src/audit/note.ts';
import { decodeBundle, encodeBundle, nodesFromTiles, parseTilePath, splitTile, TileEdge, tileOfNode, tilePath, tilesOf } from '#src/audit/tiles.ts';
import { CompactRange, hashLeaf, inclusionProof, subtreeHash, verifyInclusion } from '#src/audit/tree.ts';
import { bytes, hex, json, text, toHex } from './vectors.ts';

const paths = json<{
  tilePath: { level: number; index: number; partial: number; path: string }[];
  entriesPath: { n: number; partial: number; path: string }[];
  entriesPathForLogIndex: { seq: number; logSize: number; path: string }[];
  parseValid: { level: string; index: string; wantLevel: number; wantIndex: string; wantPartial: number }[];
  parseInvalid: { level: string; index: string }[];
  nodeToTile: { treeLevel: number; treeIndex: number; tileLevel: number; tileIndex: number; nodeLevel: number; nodeIndex: number }[];
  tileSet: { treeSize: number; full: Record<string, number>; partial: Record<string, number> }[];
}>('tiles/paths.json');

describe('paths', () => {
  it('writes and reads them', () => {
    for (const { level, index, partial, path } of paths.tilePath) {
      const tile = { level, index, width: partial || 256 };
      expect(tilePath(tile)).toBe(path);
      expect(parseTilePath(path)).toEqual(tile);
    }
    for (const { n, partial, path } of paths.entriesPath) {
      const tile = { level: 'entries' as const, index: n, width: partial || 256 };
      expect(tilePath(tile)).toBe(path);
      expect(parseTilePath(path)).toEqual(tile);
    }
    for (const { seq, logSize, path } of paths.entriesPathForLogIndex) {
      const index = Math.floor(seq / 256);
      expect(tilePath({ level: 'entries', index, width: Math.min(256, logSize - index * 256) })).toBe(path);
    }
  });
  const readable = (index: string) => Number.isSafeInteger(Number(index));
  it.each(paths.parseValid.filter(({ wantIndex }) => readable(wantIndex)))('reads $level $index', ({ level, index, wantLevel, wantIndex, wantPartial }) => {
    expect(parseTilePath(`tile/${level}/${index}`)).toEqual({ level: wantLevel, index: Number(wantIndex), width: wantPartial || 256 });
  });
  it.each(paths.parseValid.filter(({ wantIndex }) => !readable(wantIndex)))('deviates: $level $index is an index beyond 2^53, which no tree of ours reaches', ({ level, index }) => {
    expect(parseTilePath(`tile/${level}/${index}`)).toBeNull();
  });
  it.each(paths.parseInvalid)('refuses $level $index', ({ level, index }) => {
    expect(parseTilePath(`tile/${level}/${index}`)).toBeNull();
    expect(parseTilePath(`tile/entries/${index}`), 'entries').toSatisfy((tile) => tile === null || /^(x[0-9]{3}\/)*[0-9]{3}$/.test(index));
  });
  it.each(['tile/00/000', 'tile/0/000.p/0', 'tile/0/000.p/01', 'tile/0/x000/001', 'tile/0/000/', '/tile/0/000', 'tile/0/../000', 'tile/0/000\n'])('refuses %j', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });
});

it('finds the tile of a node', () => {
  for (const { treeLevel, treeIndex, tileLevel, tileIndex, nodeLevel, nodeIndex } of paths.nodeToTile) {
    const from = nodeIndex * 2 ** nodeLevel;
    expect(tileOfNode(treeLevel, treeIndex)).toEqual({ tileLevel, tileIndex, from, to: from + 2 ** nodeLevel });
  }
});

it('knows which tiles a tree has', () => {
  for (const { treeSize, full, partial } of paths.tileSet) {
    const counted: { full: Record<string, number>; partial: Record<string, number> } = { full: {}, partial: {} };
    for (const { level, width } of tilesOf(treeSize)) {
      if (level === 'entries') continue;
      if (width === 256) counted.full[level] = (counted.full[level] ?? 0) + 1;
      else counted.partial[level] = width;
    }
    expect(counted).toEqual({ full, partial });
  }
  expect([...tilesOf(0)]).toEqual([]);
});

describe('entry bundles', () => {
  interface Bundle { id: string; hex: string; valid: boolean; entriesHex?: string[]; leafHashesHex?: string[] }
  it.each(json<{ cases: Bundle[] }>('tiles/entry-bundles.json').cases)('$id', ({ hex: encoded, valid, entriesHex = [], leafHashesHex }) => {
    const entries = decodeBundle(hex(encoded));
    expect(entries?.map(toHex) ?? null).toEqual(valid ? entriesHex : null);
    if (entries !== null) expect(toHex(encodeBundle(entries))).toBe(encoded);
    if (entries !== null && leafHashesHex !== undefined) expect(entries.map((entry) => toHex(hashLeaf(entry)))).toEqual(leafHashesHex);
  });
});

it('builds the published 15-entry log again, byte for byte, at every size', () => {
  const words = json<{ leaves: string[] }>('merkle/generated-consistency.json').leaves.map((word) => Buffer.from(word));
  const signer = parseSignerKey(json<{ skey?: string }[]>('notes/sign.json')[2]!.skey!)!;
  const range = new CompactRange();
  const edge = new TileEdge();
  for (let size = 0; size <= 15; size++) {
    expect(signCheckpoint({ origin: signer.key.name, size, root: range.root(), extensions: [] }, signer)).toBe(text(`tessera-log/checkpoint.${size}`));
    for (const { tile, bytes: built } of edge.partial()) expect(toHex(built), tilePath(tile)).toBe(toHex(bytes(`tessera-log/${tilePath(tile)}`)));
    if (size > 0) expect(toHex(encodeBundle(words.slice(0, size)))).toBe(toHex(bytes(`tessera-log/tile/entries/000.p/${size}`)));
    if (size < 15) {
      range.append(hashLeaf(words[size]!));
      expect(edge.append(hashLeaf(words[size]!))).toEqual([]);
    }
  }
});

it('builds and reads the published 300-leaf log across a full tile', () => {
  const records = Array.from({ length: 300 }, (_, i) => hashLeaf(Buffer.from(`record ${i}`)));
  const edge = new TileEdge();
  const built = new Map<string, Uint8Array>();
  for (const leaf of records) for (const { tile, bytes: full } of edge.append(leaf)) built.set(tilePath(tile), full);
  for (const { tile, bytes: partial } of edge.partial()) built.set(tilePath(tile), partial);
  const expected = [...tilesOf(300)].filter(({ level }) => level !== 'entries').map(tilePath);
  expect([...built.keys()].sort()).toEqual(expected.sort());
  for (const path of expected) expect(toHex(built.get(path)!), path).toBe(toHex(bytes(`sunlight-mirror-300/${path}`)));

  const nodes = nodesFromTiles(300, (tile) => bytes(`sunlight-mirror-300/${tilePath(tile)}`));
  const root = subtreeHash(nodes, 0, 300);
  expect(Buffer.from(root).toString('base64')).toBe(text('sunlight-mirror-300/checkpoint').split('\n')[2]);
  for (const index of [0, 255, 256, 299]) expect(verifyInclusion(index, 300, records[index]!, inclusionProof(nodes, index, 300), root)).toBe(true);
  expect(splitTile(bytes('sunlight-mirror-300/tile/0/001.p/44'))).toHaveLength(44);
});

it('does not open a mirror without the key of its log', () => {
  const signer = parseSignerKey(json<{ skey?: string }[]>('notes/sign.json')[2]!.skey!)!;
  expect(openCheckpoint(bytes('sunlight-mirror-300/checkpoint'), signer.key)).toEqual({ ok: false, error: { code: 'note/no-known-signature' } });
});
