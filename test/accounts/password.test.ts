import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkStrength, PASSWORD_COST, Passwords } from '#src/accounts/password.ts';
import { waitAfter } from '#src/accounts/lockout.ts';

test('argon2id at the recommended cost, salted, in PHC form', async () => {
  expect(PASSWORD_COST).toEqual({ memory: 47_104, passes: 1 });
  const passwords = new Passwords(randomBytes);
  const hash = await passwords.hash('four words make a sentence');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await passwords.hash('four words make a sentence')).not.toBe(hash);
  expect(await passwords.verify('four words make a sentence', hash)).toBe(true);
  expect(await passwords.verify('four words make a sentencE', hash)).toBe(false);
  expect(await passwords.verify('four words make a sentence', null)).toBe(false);
});

test('a hash of another cost still verifies, and the form of the accents does not matter', async () => {
  const hash = await new Passwords(randomBytes, { memory: 64, passes: 1 }).hash('caf\u00e9 caf\u00e9 caf\u00e9');
  expect(await new Passwords(randomBytes).verify('cafe\u0301 cafe\u0301 cafe\u0301', hash)).toBe(true);
});

test.each([
  ['elevenchars', false], ['twelve chars', true], ['一二三四五六七八九十一二', true], ['aaaabbbbccccdddd', false], ['I am Li.Na, hello', false],
])('%s: strong enough %s', (password, good) => expect(checkStrength(password, 'li.na').ok).toBe(good));

test('waits double from the first to the longest', () => {
  const rules = { afterFailures: 5, afterFailuresOfSource: 30, firstSeconds: 15, longestSeconds: 900, forgetSeconds: 86_400 };
  expect([1, 4, 5, 6, 7, 10, 11, 12, 1_000_000].map((failures) => waitAfter(failures, 5, rules))).toEqual([0, 0, 15, 30, 60, 480, 900, 900, 900]);
});
