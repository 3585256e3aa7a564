/**
 * How large a query is once every use of a WITH query is written out: binding and the engine's planner do that, so a chain of
 * WITH queries that each use the one before twice would double with every link. Counted here in one walk, without doing it.
 */
import type { Cte, Query } from './query.ts';

export interface Expanded {
  /** Tables read; a use of a WITH query counts as what it reads, and as one where it reads none. */
  readonly tables: number;
  readonly setOperations: number;
}

/** WITH queries in sight, by folded name. */
type Sizes = ReadonlyMap<string, Expanded>;

const NOTHING: Expanded = { tables: 0, setOperations: 0 };

export const expanded = (query: Query): Expanded => sizeOf(query, new Map());

function sizeOf(query: Query, outer: Sizes): Expanded {
  const sizes = new Map(outer);
  for (const { name, query: inner } of query.ctes) sizes.set(fold(name), sizeOf(inner, sizes));
  const { ctes: _, ...rest } = query;
  return walk(rest, sizes);
}

function walk(part: unknown, sizes: Sizes): Expanded {
  if (typeof part !== 'object' || part === null) return NOTHING;
  if (isQuery(part)) return sizeOf(part, sizes);
  const own = 'kind' in part && part.kind === 'table' && 'path' in part ? tableSize(part.path as readonly string[], sizes)
    : 'kind' in part && part.kind === 'set-operation' ? { tables: 0, setOperations: 1 }
    : NOTHING;
  return Object.values(part).reduce<Expanded>((sum, inner) => add(sum, walk(inner, sizes)), own);
}

function tableSize(path: readonly string[], sizes: Sizes): Expanded {
  const size = path.length === 1 ? sizes.get(fold(path[0] ?? '')) : undefined;
  return size === undefined ? { tables: 1, setOperations: 0 } : { ...size, tables: Math.max(1, size.tables) };
}

const isQuery = (part: object): part is Query => 'ctes' in part && 'body' in part;

const add = (a: Expanded, b: Expanded): Expanded => ({ tables: a.tables + b.tables, setOperations: a.setOperations + b.setOperations });

const fold = (name: Cte['name']): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
