import { expect, it } from 'vitest';
import { canonical } from '#contract/canonical.ts';
import { json, text } from './vectors.ts';

it.each(['arrays', 'french', 'structures', 'unicode', 'values', 'weird'])('RFC 8785: %s', (name) => {
  expect(canonical(json(`jcs/input/${name}.json`))).toBe(text(`jcs/output/${name}.json`));
});
