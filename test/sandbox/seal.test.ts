import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { seal, unseal } from '#sandbox/seal.ts';
import fc from '../support/fast-check.ts';

const key = new Uint8Array(32).fill(7);

test('opens again with the same key and context, and with nothing else', () => {
  fc.assert(fc.property(fc.uint8Array(), fc.string(), (plain, context) => {
    const sealed = seal(key, context, plain, randomBytes);
    expect(unseal(key, context, sealed)).toEqual(Buffer.from(plain));
    expect(unseal(key, `${context}x`, sealed)).toBeNull();
    expect(unseal(new Uint8Array(32).fill(8), context, sealed)).toBeNull();
  }), { numRuns: 50 });
});

test('any changed byte is noticed', () => {
  const sealed = Buffer.from(seal(key, 'c', Buffer.from('held'), randomBytes), 'base64');
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i]! ^= 1;
    expect(unseal(key, 'c', changed.toString('base64'))).toBeNull();
  }
  expect(unseal(key, 'c', '')).toBeNull();
});
