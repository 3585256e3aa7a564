import { describe, expect, it } from 'vitest';
import { parseVerifierKey } from '#src/audit/note.ts';
import { formatReceipt, parseReceipt, verifyReceipt } from '#src/audit/proof.ts';
import { hashLeaf } from '#src/audit/tree.ts';
import { base64, hex, json } from './vectors.ts';

const format = json<{
  marshal: { index: string; hashesB64: string[]; extraB64?: string; checkpoint: string; text: string }[];
  invalid: { why: string; text: string }[];
}>('proof/format.json');

describe('receipts', () => {
  it.each(format.marshal)('writes and reads index $index', ({ index, hashesB64, extraB64, checkpoint, text }) => {
    const receipt = { extra: extraB64 === undefined ? null : base64(extraB64), index: Number(index), path: hashesB64.map(base64), checkpoint };
    expect(formatReceipt(receipt)).toBe(text);
    expect(parseReceipt(text)).toEqual(receipt);
  });
  it.each(format.invalid)('refuses: $why', ({ text }) => {
    expect(parseReceipt(text)).toBeNull();
  });
  it.each(json<{ id: string; leafHex: string; vkeys: string[]; valid: boolean; text: string }[]>('proof/tlog-proofs.json'))('verifies or refuses: $id', ({ leafHex, vkeys, valid, text }) => {
    expect(verifyReceipt(text, hashLeaf(hex(leafHex)), parseVerifierKey(vkeys[0]!)!).ok).toBe(valid);
  });
});
