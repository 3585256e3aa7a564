/** Every attempt. An id names one for good. */
import type { Attempt } from './attempt.ts';
import { BOMBS } from './bombs.ts';
import { ERRORS } from './errors.ts';
import { FILES } from './files.ts';
import { FUNCTIONS } from './functions.ts';
import { IDENTITY } from './identity.ts';
import { PARSER } from './parser.ts';
import { SURROUNDINGS } from './surroundings.ts';

export const CORPUS: readonly Attempt[] = [...FILES, ...SURROUNDINGS, ...ERRORS, ...FUNCTIONS, ...PARSER, ...IDENTITY];
export { BOMBS };
