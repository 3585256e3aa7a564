/**
 * What replaces a unit's identity. All of it is keyed: without the domain's keys nobody can compute it from an identifier,
 * and the identifier cannot be computed from it.
 */
import { quoteText } from '../engine/identifier.ts';
import { keyedDigestSql } from './keyed-hash.ts';

/**
 * What goes before an identity in the messages of pseudonym and record key: the same unit has the same pseudonym in every
 * dataset of the domain, and units of different kinds never meet. Unit kinds are plain names, so a line break ends them.
 */
export const unitNamespace = (kind: string): string => quoteText(`${kind}\n`);

/**
 * Digest of a row's contents, 64 hexadecimal digits.
 * @param table `dataset.table`
 * @param contents VARCHAR expressions that may be NULL; their lengths are digested too, so that two different rows never
 *   give the same message
 */
export function rowDigestSql(key: Uint8Array, table: string, contents: readonly string[]): string {
  const fields = contents.map((text) => `coalesce(strlen(${text})::VARCHAR || ':' || ${text}, '-')`);
  return keyedDigestSql(key, [quoteText(`row\n${table}\n`), ...fields].join(' || '));
}
