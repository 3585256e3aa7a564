/** What binding one query shares: the catalogue, the refusals, the caps, and a source of column numbers. */
import { text, type Text } from '#contract/text.ts';
import type { Catalog, CatalogTable } from '../catalog.ts';
import type { Caps } from '../limits.ts';
import type { Refusals } from '../refusals.ts';
import type { Column, Origin } from '../relation.ts';
import type { Type } from '../types.ts';

export class BindContext {
  readonly catalog: Catalog;
  readonly refusals: Refusals;
  readonly caps: Caps;
  #columns = 0;
  #scans = 0;

  constructor(catalog: Catalog, refusals: Refusals, caps: Caps) {
    this.catalog = catalog;
    this.refusals = refusals;
    this.caps = caps;
  }

  column(name: string, type: Type, from: Origin): Column {
    return { id: this.#columns++, name, type, from };
  }

  /** Null, with a refusal, where the query reads more tables than the cap: a CTE counts each time it is used. */
  scan(): number | null {
    if (this.#scans >= this.caps.joins) {
      this.refusals.add('cap/joins', null, { limit: this.caps.joins });
      return null;
    }
    return this.#scans++;
  }

  /** Tables that the query names and that do not exist here. What they would show is not refused again. */
  readonly #unknownTables: (() => void)[] = [];

  refuseTable(name: string, at: number | null, suggestion: Text | null): void {
    const refuse = (): void => this.refusals.add('bind/unknown-table', at, { name }, { suggestion });
    this.#unknownTables.push(refuse);
    refuse();
  }

  /** Whether a name may be one that an unknown table has: the refusal of the first such table stands for it. */
  refusedWithTable(): boolean {
    this.#unknownTables[0]?.();
    return this.#unknownTables.length > 0;
  }

  tables(): readonly CatalogTable[] {
    return this.catalog.tables;
  }
}

/** DuckDB compares names without regard to the case of ASCII letters. */
export const fold = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export const sameName = (a: string, b: string): boolean => fold(a) === fold(b);

/** The allowed name that the operator may have meant; null where none is near. */
export function nearest(wrong: string, allowed: Iterable<string>): Text | null {
  let best: string | null = null;
  let distance = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const candidate of allowed) {
    const d = editDistance(fold(wrong), fold(candidate), distance);
    if (d < distance) {
      best = candidate;
      distance = d;
    }
  }
  return best === null ? null : text(`Did you mean ${best}?`, `是否想写 ${best}?`);
}

/** Levenshtein distance, cut off at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
