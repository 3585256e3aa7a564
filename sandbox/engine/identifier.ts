/** Quoting for the few statements that the engine itself writes. Queries are printed by `sandbox/sql`. */

/** A quoted SQL identifier. Throws on NUL, at which DuckDB's parser would stop reading. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new TypeError('identifier with a NUL character');
  return `"${name.replaceAll('"', '""')}"`;
}

/** A quoted SQL text literal. Throws on NUL, at which DuckDB's parser would stop reading. */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new TypeError('text literal with a NUL character');
  return `'${text.replaceAll("'", "''")}'`;
}
