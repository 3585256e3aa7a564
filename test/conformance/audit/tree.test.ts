import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  CompactRange, consistencyProof, EMPTY_ROOT, hashLeaf, hashNode, inclusionProof, subtreeConsistencyProof, subtreeHash, verifyConsistency, verifyInclusion,
} from '#src/audit/tree.ts';
import { MTH, naiveNodes } from '../../support/naive-tree.ts';
import { base64, hex, json, toHex } from './vectors.ts';

const roots = json<{ leafInputsHex: string[]; rootBySize: string[]; completeSubtreeHashesByLevel: string[][]; hasher: Record<string, string> }>('merkle/roots.json');

describe('hashes', () => {
  const leaves = roots.leafInputsHex.map(hex);
  it('hashes nothing, a leaf and a node', () => {
    expect(toHex(EMPTY_ROOT)).toBe(roots.hasher['emptyRoot']);
    expect(toHex(hashLeaf(new Uint8Array()))).toBe(roots.hasher['leafOfEmptyInput']);
    expect(toHex(hashLeaf(Buffer.from('L123456')))).toBe(roots.hasher['leaf_L123456']);
    expect(toHex(hashNode(Buffer.from('N123'), Buffer.from('N456')))).toBe(roots.hasher['node_N123_N456']);
  });
  it('knows the root at every size', () => {
    const range = new CompactRange();
    const seen = [toHex(range.root())];
    for (const leaf of leaves) {
      range.append(hashLeaf(leaf));
      seen.push(toHex(range.root()));
    }
    expect(seen).toEqual(roots.rootBySize);
  });
  it('agrees on every complete subtree, and so does the reference that other tests rely on', () => {
    roots.completeSubtreeHashesByLevel.forEach((row, level) => row.forEach((expected, index) => {
      expect(toHex(naiveNodes(leaves)(level, index))).toBe(expected);
      expect(toHex(subtreeHash(naiveNodes(leaves), index * 2 ** level, (index + 1) * 2 ** level))).toBe(expected);
    }));
    expect(roots.rootBySize.map((_, size) => toHex(MTH(leaves.slice(0, size))))).toEqual(roots.rootBySize);
  });
});

describe('verification', () => {
  interface Inclusion { id: string; leafIdx: number; treeSize: number; root: string; leafHash: string; proof: string[] | null; wantErr: boolean }
  it.each(json<Inclusion[]>('merkle/inclusion.json'))('$id', ({ leafIdx, treeSize, leafHash, proof, root, wantErr }) => {
    expect(verifyInclusion(leafIdx, treeSize, base64(leafHash), (proof ?? []).map(base64), base64(root))).toBe(!wantErr);
  });
  interface Consistency { id: string; size1: number; size2: number; root1: string; root2: string; proof: string[] | null; wantErr: boolean }
  /** Its roots are the words "don't care 2": accepted by the source, refused here, where a root is 32 bytes. */
  const SHORT_ROOTS = 'consistency/additional/sizes-are-equal-one-and-proof-is-empty';
  it.each(json<Consistency[]>('merkle/consistency.json'))('$id', ({ id, size1, size2, root1, root2, proof, wantErr }) => {
    expect(verifyConsistency(size1, size2, base64(root1), base64(root2), (proof ?? []).map(base64))).toBe(!wantErr && id !== SHORT_ROOTS);
  });
});

describe('generation', () => {
  it('gives all 120 consistency proofs of the 15-leaf log', () => {
    const { leaves, proofs } = json<{ leaves: string[]; proofs: { m: number; n: number; proof: string[] }[] }>('merkle/generated-consistency.json');
    const nodes = naiveNodes(leaves.map((leaf) => Buffer.from(leaf)));
    expect(proofs).toHaveLength(120);
    for (const { m, n, proof } of proofs) expect(consistencyProof(nodes, m, n).map(toHex)).toEqual(proof);
  });

  const { digests } = json<{ digests: Record<string, { sha256: string }> }>('merkle/accumulated.json');
  const leaves = Array.from({ length: 130 }, (_, i) => Uint8Array.of(i));
  const complete = new Map<string, Uint8Array>();
  const nodes = (level: number, index: number) => {
    const key = `${level}/${index}`;
    const found = complete.get(key) ?? naiveNodes(leaves)(level, index);
    complete.set(key, found);
    return found;
  };
  /** Every valid subtree that ends at `end`. */
  const subtreesTo = function* (end: number): Generator<number> {
    for (let start = 0; start <= end; start++) {
      const width = 2 ** Math.ceil(Math.log2(Math.max(1, end - start)));
      if (start % width === 0) yield start;
    }
  };
  const fold = (lines: Iterable<string>) => {
    const sum = createHash('sha256');
    for (const line of lines) sum.update(`${line}\n`);
    return sum.digest('hex');
  };
  const hexes = (proof: Uint8Array[]) => proof.map((hash) => ` ${toHex(hash)}`).join('');

  it('gives every subtree hash up to 130 leaves', () => {
    expect(fold((function* () {
      for (let end = 0; end <= 130; end++) for (const start of subtreesTo(end)) yield `[${start}, ${end}) ${toHex(subtreeHash(nodes, start, end))}`;
    })())).toBe(digests['subtreeHash']!.sha256);
  });
  it('gives every inclusion proof', () => {
    expect(fold((function* () {
      for (let end = 0; end <= 130; end++) for (const start of subtreesTo(end)) for (let index = start; index < end; index++) {
        yield `${index} [${start}, ${end})${hexes(inclusionProof(nodes, index, end, start))}`;
      }
    })())).toBe(digests['subtreeInclusionProof']!.sha256);
  });
  it('gives every consistency proof', () => {
    expect(fold((function* () {
      for (let n = 0; n <= 130; n++) for (let end = 0; end <= n; end++) for (const start of subtreesTo(end)) {
        yield `[${start}, ${end}) ${n}${hexes(start === end ? [] : subtreeConsistencyProof(nodes, start, end, n))}`;
      }
    })())).toBe(digests['subtreeConsistencyProof']!.sha256);
  });
});
