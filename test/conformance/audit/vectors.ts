/** Published vectors; `vectors/README.md` says where they come from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORY = join(import.meta.dirname, 'vectors');

export const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(join(DIRECTORY, path)));
export const text = (path: string): string => readFileSync(join(DIRECTORY, path), 'utf8');
export const json = <T>(path: string): T => JSON.parse(text(path)) as T;

export const base64 = (encoded: string): Uint8Array => new Uint8Array(Buffer.from(encoded, 'base64'));
export const hex = (encoded: string): Uint8Array => new Uint8Array(Buffer.from(encoded, 'hex'));
export const toHex = (of: Uint8Array): string => Buffer.from(of).toString('hex');
