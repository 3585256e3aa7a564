import { describe, expect, it } from 'vitest';
import { formatSignerKey, openNote, parseSignerKey, parseVerifierKey, type Signer, signerFromSeed, signNote, type VerifierKey } from '#src/audit/note.ts';
import { base64, hex, json } from './vectors.ts';

/** Types whose signature is not over the note text alone; they come with cosignatures. 2 is ECDSA, which nobody needs. */
const typeOf = (vkey: string) => base64(vkey.split('+').slice(2).join('+'))[0];

describe('verifier keys', () => {
  const { valid, invalid } = json<{ valid: { vkey: string; type: number }[]; invalid: { vkey: string; why: string }[] }>('notes/vkeys.json');
  it.each(valid.filter(({ type }) => type === 1))('reads $vkey', ({ vkey }) => {
    expect(parseVerifierKey(vkey)?.vkey).toBe(vkey);
  });
  it.each(valid.filter(({ type }) => type !== 1))('does not take a key of type $type for one of a note', ({ vkey, type }) => {
    expect(typeOf(vkey)).toBe(type);
    expect(parseVerifierKey(vkey)).toBeNull();
  });
  it.each(invalid)('refuses: $why', ({ vkey }) => {
    expect(parseVerifierKey(vkey)).toBeNull();
  });
  it('refuses every proper substring and every altered byte of a good one', () => {
    const { vkey } = valid[0]!;
    for (let start = 0; start < vkey.length; start++) {
      for (let end = start + 1; end <= vkey.length; end++) {
        if (end - start < vkey.length) expect(parseVerifierKey(vkey.slice(start, end))).toBeNull();
      }
    }
    const ascii = Buffer.from(vkey);
    for (let i = 0; i < ascii.length; i++) {
      const altered = Buffer.from(ascii);
      altered[i] = altered[i]! + 1;
      expect(parseVerifierKey(altered.toString()), `byte ${i}`).toBeNull();
    }
  });
});

interface Verify { id: string; noteB64: string; vkeys: string[]; valid: boolean; verifiedSignatures?: string[] }
it.each(json<Verify[]>('notes/verify.json'))('opens or refuses: $id', ({ noteB64, vkeys, valid, verifiedSignatures }) => {
  // One source gives the private seed instead of a verifier key.
  const keys = vkeys.map((vkey) => vkey.startsWith('seed-hex:')
    ? signerFromSeed(verifiedSignatures![0]!, hex(vkey.slice('seed-hex:'.length))).key
    : parseVerifierKey(vkey) as VerifierKey);
  expect(keys).not.toContain(null);
  const opened = openNote(base64(noteB64), keys);
  expect(opened.ok ? opened.value.signedBy : null).toEqual(valid ? verifiedSignatures : null);
});

describe('signing', () => {
  const cases = json<({ text: string; note: string } & ({ skey: string } | { seedHex: string; name: string; expectedVkey: string }))[]>('notes/sign.json');
  const [peter, enoch, tessera] = cases;
  const signer = (one: (typeof cases)[number] | undefined): Signer => {
    if (one === undefined) throw new Error('a vector is missing');
    return 'skey' in one ? parseSignerKey(one.skey)! : signerFromSeed(one.name, hex(one.seedHex));
  };
  it('gives the published bytes', () => {
    expect(signNote(peter!.text, [signer(peter)])).toBe(peter!.note);
    expect(signNote(enoch!.text, [signer(peter), signer(enoch)])).toBe(enoch!.note);
    expect(signNote(tessera!.text, [signer(tessera)])).toBe(tessera!.note);
  });
  it('reads back the private key it writes', () => {
    const seed = hex('00'.repeat(32));
    expect(parseSignerKey(formatSignerKey('EnochRoot', seed))?.key.vkey).toBe('expectedVkey' in enoch! ? enoch.expectedVkey : null);
  });
  it('does not sign what would not read back as the same text', () => {
    for (const text of ['no newline at the end', 'a tab\there\n', 'x\n\n— EnochRoot AAAAAAA=\n\n\ud800\n']) expect(() => signNote(text, [signer(peter)])).toThrow();
  });
});
