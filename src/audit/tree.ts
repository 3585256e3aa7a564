/**
 * The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1) with SHA-256: hashes, proofs and their verification.
 * Sizes and indices are integers from 0 to 2^53 - 1.
 */
import { hash } from 'node:crypto';

/** 32 bytes. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0));

/** MTH({d}) = SHA-256(0x00 ‖ d). */
export function hashLeaf(entry: Uint8Array): Hash {
  const message = new Uint8Array(1 + entry.length);
  message.set(entry, 1);
  return sha256(message);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function hashNode(left: Hash, right: Hash): Hash {
  const message = new Uint8Array(1 + left.length + right.length);
  message[0] = 1;
  message.set(left, 1);
  message.set(right, 1 + left.length);
  return sha256(message);
}

function sha256(message: Uint8Array): Hash {
  return new Uint8Array(hash('sha256', message, 'buffer'));
}

/** Hash of the complete subtree over leaves [index·2^level, (index+1)·2^level). */
export type Nodes = (level: number, index: number) => Hash;

/** MTH(D[start:end]). `start` is a multiple of the smallest power of two that is at least end - start. */
export function subtreeHash(nodes: Nodes, start: number, end: number): Hash {
  const size = end - start;
  if (size === 0) return EMPTY_ROOT;
  const level = Math.log2(size);
  if (Number.isInteger(level)) return nodes(level, start / size);
  const middle = start + split(size);
  return hashNode(subtreeHash(nodes, start, middle), subtreeHash(nodes, middle, end));
}

/** PATH(index, D[start:end]), from the leaf's sibling up (RFC 6962 section 2.1.1). */
export function inclusionProof(nodes: Nodes, index: number, end: number, start = 0): Hash[] {
  if (end - start === 1) return [];
  const middle = start + split(end - start);
  return index < middle
    ? [...inclusionProof(nodes, index, middle, start), subtreeHash(nodes, middle, end)]
    : [...inclusionProof(nodes, index, end, middle), subtreeHash(nodes, start, middle)];
}

/** PROOF(first, D[0:second]) for 0 < first <= second (RFC 6962 section 2.1.2). */
export function consistencyProof(nodes: Nodes, first: number, second: number): Hash[] {
  return subtreeConsistencyProof(nodes, 0, first, second);
}

/**
 * Proof that the subtree [start, end) is part of the tree of `size` leaves; start = 0 is the proof of RFC 6962.
 * Source: draft-ietf-plants-merkle-tree-certs, section 4.4.
 */
export function subtreeConsistencyProof(nodes: Nodes, start: number, end: number, size: number): Hash[] {
  // `known`: the verifier has the hash of D[wanted:end] itself, and not only of something larger that it is the tail of.
  const subproof = (from: number, to: number, wanted: number, known: boolean): Hash[] => {
    if (wanted === from && end === to) return known ? [] : [subtreeHash(nodes, from, to)];
    const middle = from + split(to - from);
    if (end <= middle) return [...subproof(from, middle, wanted, known), subtreeHash(nodes, middle, to)];
    if (middle <= wanted) return [...subproof(middle, to, wanted, known), subtreeHash(nodes, from, middle)];
    return [...subproof(middle, to, middle, false), subtreeHash(nodes, from, middle)];
  };
  return subproof(0, size, start, true);
}

/** RFC 9162 section 2.1.3.2. */
export function verifyInclusion(index: number, size: number, leaf: Hash, proof: readonly Hash[], root: Hash): boolean {
  if (!isIndex(index) || !isIndex(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      r = hashNode(p, r);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      r = hashNode(r, p);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(r, root);
}

/**
 * RFC 9162 section 2.1.4.2. A tree of size 0 is a prefix of everything and proves nothing: refused here; whoever may
 * start from nothing (a witness, an auditor's first visit) says so itself.
 */
export function verifyConsistency(first: number, second: number, firstRoot: Hash, secondRoot: Hash, proof: readonly Hash[]): boolean {
  if (!isIndex(first) || !isIndex(second) || first === 0 || first > second || !areHashes([firstRoot, secondRoot, ...proof])) return false;
  if (first === second) return proof.length === 0 && equal(firstRoot, secondRoot);
  // A complete first tree is a node of the second: the proof leaves it out.
  const [start, ...rest] = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : proof;
  if (start === undefined || proof.length === 0) return false;
  let fn = first - 1;
  let sn = second - 1;
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  let fr = start;
  let sr = start;
  for (const c of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fr = hashNode(c, fr);
      sr = hashNode(c, sr);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = hashNode(sr, c);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(fr, firstRoot) && equal(sr, secondRoot);
}

/** The complete subtrees that a growing tree consists of, largest first: enough to append and to know the root. */
export class CompactRange {
  readonly #peaks: { readonly level: number; readonly hash: Hash }[] = [];

  append(leaf: Hash): void {
    let peak = { level: 0, hash: leaf };
    for (let left = this.#peaks.at(-1); left !== undefined && left.level === peak.level; left = this.#peaks.at(-1)) {
      this.#peaks.pop();
      peak = { level: peak.level + 1, hash: hashNode(left.hash, peak.hash) };
    }
    this.#peaks.push(peak);
  }

  root(): Hash {
    return this.#peaks.map((peak) => peak.hash).reduceRight<Hash | null>((right, left) => (right === null ? left : hashNode(left, right)), null) ?? EMPTY_ROOT;
  }
}

/** Constant time is not needed: everything here is public. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Largest power of two smaller than `size`, which is at least 2. */
function split(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

const isIndex = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const areHashes = (hashes: readonly Hash[]): boolean => hashes.every((one) => one.length === HASH_BYTES);
const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);
