/**
 * Entry of `sluice`. Compiled code is kept beside the installed modules, where only whoever installs can write, so that
 * the next start takes half the time; where that is not possible, nothing is kept.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/sluice', import.meta.url)));
await import('./process.ts');
