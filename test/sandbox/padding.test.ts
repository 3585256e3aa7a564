import { describe, expect, test } from 'vitest';
import { paddedBytes, paddedJson, paddedLength, readPaddedBytes, readPaddedJson } from '#sandbox/padding.ts';
import fc from '../support/fast-check.ts';

describe('what a length tells', () => {
  test('nothing of a short document', () => {
    const table = (value: string) => paddedJson({ rows: [['市南区', value]] }).length;
    expect(new Set(['1', '12345', '9'.repeat(300)].map(table))).toEqual(new Set([4096]));
  });

  // Table 1 of the paper's idea: E = ⌊log₂ L⌋, S = ⌊log₂ E⌋ + 1, the last E − S bits are 0.
  test.each([[0, 4096], [4096, 4096], [4097, 4352], [5000, 5120], [65_536, 65_536], [65_537, 67_584], [1_000_000, 1_015_808]])('%i bytes become %i', (length, padded) => {
    expect(paddedLength(length)).toBe(padded);
  });

  test('at most an eighth more, never less, and few lengths in all', () => {
    const lengths = Array.from({ length: 200_000 }, (_, i) => paddedLength(4097 + i * 5));
    lengths.forEach((padded, i) => {
      expect(padded).toBeGreaterThanOrEqual(4097 + i * 5);
      if (i % 1000 === 0) expect(padded / (4097 + i * 5)).toBeLessThanOrEqual(1.125);
    });
    expect(new Set(lengths).size).toBeLessThan(200);
  });
});

test('what is read is what was padded', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 9_000 }), (bytes) => {
    const padded = paddedBytes(bytes);
    expect(padded).toHaveLength(paddedLength(bytes.length + 4));
    expect([...readPaddedBytes(padded)]).toEqual([...bytes]);
  }));
  expect(() => readPaddedBytes(paddedBytes(new Uint8Array(9_000)).subarray(0, 5_000))).toThrow();
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(readPaddedJson(paddedJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
  }));
});
