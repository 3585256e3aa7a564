/**
 * The queries of a corpus: one file each, beginning with what the gate has to do with it.
 *
 *     -- accepted: what it asks, in words
 *     -- refused <reason>: …      reason: `rows` (asks for rows of single units), `unit-keys` (groups by the unit itself)
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export const CORPORA = ['trade', 'clicks', 'retail'] as const;
export type CorpusName = (typeof CORPORA)[number];

export type Expectation = { readonly outcome: 'accepted' } | { readonly outcome: 'refused'; readonly reason: 'rows' | 'unit-keys' };

export interface CorpusQuery {
  readonly corpus: CorpusName;
  /** Name of the file without `.sql`. */
  readonly id: string;
  readonly about: string;
  readonly sql: string;
  readonly expected: Expectation;
}

export function readQueries(corpus: CorpusName): readonly CorpusQuery[] {
  const directory = new URL(`${corpus}/`, import.meta.url).pathname;
  return globSync('*.sql', { cwd: directory }).sort().map((file) => {
    const text = readFileSync(join(directory, file), 'utf8');
    const match = /^-- (?:(accepted)|refused (rows|unit-keys)): (.+)\n([\s\S]+)$/.exec(text);
    if (match === null) throw new Error(`${corpus}/${file}: begins with "-- accepted: …" or "-- refused rows|unit-keys: …"`);
    const [, accepted, reason, about = '', sql = ''] = match;
    const expected: Expectation = accepted === undefined ? { outcome: 'refused', reason: reason as 'rows' | 'unit-keys' } : { outcome: 'accepted' };
    return { corpus, id: basename(file, '.sql'), about, sql: sql.trim(), expected };
  });
}
