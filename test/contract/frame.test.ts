import { expect, test } from 'vitest';
import { FrameDecoder, encodeFrame } from '#contract/frame.ts';
import fc from '../support/fast-check.ts';

test('frames survive any way of cutting the stream', () => {
  fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 50 }), (values, cuts) => {
    const expected = values.map((value) => JSON.parse(JSON.stringify(value)));
    const stream = Buffer.concat(values.map((value) => encodeFrame(value, 1 << 20)));
    const decoder = new FrameDecoder(1 << 20);
    const read: unknown[] = [];
    for (let at = 0, i = 0; at < stream.length; i++) {
      const length = cuts[i % cuts.length]!;
      read.push(...decoder.push(stream.subarray(at, at + length)));
      at += length;
    }
    expect(read).toEqual(expected);
    expect(decoder.partial).toBe(false);
  }));
});

test('a frame over the limit is refused on both sides, before its body arrives', () => {
  expect(() => encodeFrame('x'.repeat(100), 50)).toThrow(RangeError);
  expect(() => new FrameDecoder(50).push(Buffer.from([0, 0, 0, 51]))).toThrow(RangeError);
  expect(() => new FrameDecoder(50).push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow(RangeError);
});

test('what is not JSON or not UTF-8 is refused; an unfinished frame is seen', () => {
  expect(() => new FrameDecoder(50).push(Buffer.from([0, 0, 0, 2, 0x7b, 0x7b]))).toThrow(SyntaxError);
  expect(() => new FrameDecoder(50).push(Buffer.from([0, 0, 0, 0]))).toThrow(SyntaxError);
  expect(() => new FrameDecoder(50).push(Buffer.from([0, 0, 0, 3, 0x22, 0xff, 0x22]))).toThrow(TypeError);
  const decoder = new FrameDecoder(50);
  expect(decoder.push(Buffer.from([0, 0, 0, 2, 0x7b]))).toEqual([]);
  expect(decoder.partial).toBe(true);
});
