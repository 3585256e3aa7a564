/**
 * Queries of the corpora that should be answered and are refused today, with the codes and what is missing. A query that is
 * answered after all fails the test until it is taken out of this list.
 */
export const PENDING: Readonly<Record<string, { readonly codes: readonly string[]; readonly missing: string }>> = {};

/** Queries whose ORDER BY leaves ties, or does not order the outermost rows: any order of those is right. */
export const TIES: ReadonlySet<string> = new Set(['retail/05-sales-returns-and-profit']);
