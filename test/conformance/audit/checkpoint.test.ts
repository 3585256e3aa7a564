import { describe, expect, it } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '#src/audit/checkpoint.ts';
import { parseVerifierKey } from '#src/audit/note.ts';
import { base64, bytes, json } from './vectors.ts';

interface Parse { id: string; body: string; valid: boolean; origin?: string; size?: string; extensions?: string[] }
it.each(json<Parse[]>('checkpoint/parse.json'))('reads or refuses: $id', ({ body, valid, origin, size, extensions }) => {
  const parsed = parseCheckpoint(body);
  if (!valid) return expect(parsed).toBeNull();
  expect(parsed).toMatchObject({ origin, size: Number(size), extensions: extensions ?? [] });
  return expect(formatCheckpoint(parsed!)).toBe(body);
});

describe('signed', () => {
  const key = parseVerifierKey('example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx')!;
  it.each(Array.from({ length: 16 }, (_, size) => size))('opens the published head of size %i', (size) => {
    expect(openCheckpoint(bytes(`tessera-log/checkpoint.${size}`), key)).toMatchObject({ ok: true, value: { origin: key.name, size } });
  });
  it('does not take the head of another log, though the key has signed it', () => {
    // Real heads whose first line is not the name of their key.
    const sumdb = json<{ id: string; noteB64: string; vkeys: string[] }[]>('notes/verify.json').find(({ id }) => id.startsWith('sumdb-6476701'))!;
    expect(openCheckpoint(base64(sumdb.noteB64), parseVerifierKey(sumdb.vkeys[0]!)!)).toEqual({ ok: false, error: { code: 'checkpoint/other-origin', origin: 'go.sum database tree' } });
  });
});
