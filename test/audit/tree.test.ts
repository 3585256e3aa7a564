import { describe, expect, it } from 'vitest';
import { nodesFromTiles, TileEdge, tilePath } from '#src/audit/tiles.ts';
import { CompactRange, consistencyProof, hashLeaf, inclusionProof, verifyConsistency, verifyInclusion } from '#src/audit/tree.ts';
import fc from '../support/fast-check.ts';
import { MTH, naiveNodes, PATH, PROOF } from '../support/naive-tree.ts';

const leaves = fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 70 });
const flip = (hash: Uint8Array, bit: number) => hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

describe('against RFC 6962 word by word', () => {
  it('roots, inclusion and consistency proofs of random trees', () => {
    fc.assert(fc.property(leaves, fc.nat(), fc.nat(), (D, a, b) => {
      const range = new CompactRange();
      for (const d of D) range.append(hashLeaf(d));
      expect(range.root()).toEqual(MTH(D));
      const index = a % D.length;
      const first = 1 + (b % D.length);
      expect(inclusionProof(naiveNodes(D), index, D.length)).toEqual(PATH(index, D));
      expect(consistencyProof(naiveNodes(D), first, D.length)).toEqual(PROOF(first, D));
    }), { numRuns: 300 });
  });

  it('accepts true proofs and refuses them with any bit flipped, any hash dropped or added, any number changed', () => {
    fc.assert(fc.property(leaves, fc.nat(), fc.nat(), fc.nat(), fc.nat(255), (D, a, b, at, bit) => {
      const root = MTH(D);
      const index = a % D.length;
      const leaf = hashLeaf(D[index]!);
      const path = PATH(index, D);
      expect(verifyInclusion(index, D.length, leaf, path, root)).toBe(true);
      expect(verifyInclusion(index, D.length, flip(leaf, bit), path, root)).toBe(false);
      expect(verifyInclusion(index, D.length, leaf, [...path, leaf], root)).toBe(false);
      expect(verifyInclusion(index + D.length, D.length, leaf, path, root)).toBe(false);

      const first = 1 + (b % D.length);
      const proof = PROOF(first, D);
      const firstRoot = MTH(D.slice(0, first));
      expect(verifyConsistency(first, D.length, firstRoot, root, proof)).toBe(true);
      expect(verifyConsistency(first, D.length, flip(firstRoot, bit), root, proof)).toBe(false);
      expect(verifyConsistency(first, D.length, firstRoot, flip(root, bit), proof)).toBe(false);
      expect(verifyConsistency(first, D.length, firstRoot, root, [...proof, leaf])).toBe(false);
      for (const [kind, list] of [['path', path], ['proof', proof]] as const) {
        if (list.length === 0) continue;
        const altered = list.map((hash, i) => (i === at % list.length ? flip(hash, bit) : hash));
        const dropped = list.filter((_, i) => i !== at % list.length);
        for (const bad of [altered, dropped]) {
          expect(kind === 'path' ? verifyInclusion(index, D.length, leaf, bad, root) : verifyConsistency(first, D.length, firstRoot, root, bad)).toBe(false);
        }
      }
    }), { numRuns: 300 });
  });
});

it('proves across tiles: every size around the edges of full tiles', () => {
  const edge = new TileEdge();
  const range = new CompactRange();
  const tiles = new Map<string, Uint8Array>();
  const hashes: Uint8Array[] = [];
  const roots = new Map<number, Uint8Array>();
  for (let size = 1; size <= 66_000; size++) {
    const leaf = hashLeaf(Buffer.from(String(size)));
    hashes.push(leaf);
    range.append(leaf);
    for (const { tile, bytes } of edge.append(leaf)) tiles.set(tilePath(tile), bytes);
    if (![1, 2, 255, 256, 257, 511, 512, 513, 4096, 65_535, 65_536, 65_537, 65_792, 66_000].includes(size)) continue;
    roots.set(size, range.root());
    for (const { tile, bytes } of edge.partial()) tiles.set(tilePath(tile), bytes);
    const nodes = nodesFromTiles(size, (tile) => {
      const found = tiles.get(tilePath(tile));
      if (found === undefined) throw new Error(tilePath(tile));
      return found;
    });
    for (const index of new Set([0, size >> 1, size - 1])) {
      expect(verifyInclusion(index, size, hashes[index]!, inclusionProof(nodes, index, size), range.root()), `${index} of ${size}`).toBe(true);
    }
    for (const [first, root] of roots) {
      expect(verifyConsistency(first, size, root, range.root(), consistencyProof(nodes, first, size)), `${first} to ${size}`).toBe(true);
    }
  }
});
