/** Which names mean which columns at some place of a query. */
import type { Position } from '../source-text.ts';
import type { Column } from '../relation.ts';
import { fold, nearest, sameName, type BindContext } from './context.ts';

export interface Visible {
  /** Alias of its table, or the table's name. */
  readonly table: string | null;
  readonly dataset: string | null;
  readonly name: string;
  readonly column: Column;
  /** Merged into another by USING: only its qualified name finds it. */
  readonly merged: boolean;
}

/** A column that a name stands for, and whether it belongs to a query further out. */
export interface Found {
  readonly column: Column;
  readonly outer: boolean;
}

export class Scope {
  readonly visible: readonly Visible[];
  readonly outer: Scope | null;

  constructor(visible: readonly Visible[], outer: Scope | null) {
    this.visible = visible;
    this.outer = outer;
  }

  /** Null where no column has the name here or further out. An ambiguous name is refused, and stands for its first column. */
  find(context: BindContext, path: readonly string[], at: Position): Found | null {
    const matches = this.#matches(path);
    const [first] = matches;
    if (first === undefined) {
      const outer = this.outer?.find(context, path, at) ?? null;
      return outer === null ? null : { column: outer.column, outer: true };
    }
    if (matches.some(({ column }) => column !== first.column)) context.refusals.add('bind/ambiguous-column', at, { name: path.join('.') });
    return { column: first.column, outer: false };
  }

  #matches(path: readonly string[]): readonly Visible[] {
    const [name = '', table, dataset] = path.toReversed();
    return this.visible.filter((entry) => sameName(entry.name, name)
      && (table === undefined ? !entry.merged : entry.table !== null && sameName(entry.table, table))
      && (dataset === undefined || (entry.dataset !== null && sameName(entry.dataset, dataset)))
      && path.length <= 3);
  }

  isTable(name: string): boolean {
    return this.visible.some(({ table }) => table !== null && sameName(table, name)) || (this.outer?.isTable(name) ?? false);
  }

  /** Refuses a name that means nothing here, in the same words whether it is wrong or not granted. */
  refuseUnknown(context: BindContext, path: readonly string[], at: Position): void {
    const [name = '', table] = path.toReversed();
    if ((table === undefined || !this.isTable(table)) && context.refusedWithTable()) return;
    if (path.length === 1 && this.isTable(name)) context.refusals.add('bind/whole-row', at, { name });
    else context.refusals.add('bind/unknown-column', at, { name: path.join('.') }, { suggestion: nearest(name, this.#names()) });
  }

  *#names(): Iterable<string> {
    for (const { name } of this.visible) yield name;
    if (this.outer !== null) yield* this.outer.#names();
  }
}

/** Aliases of a select list, first one first. */
export class Aliases<T> {
  readonly #byName = new Map<string, T>();

  add(name: string, value: T): void {
    if (!this.#byName.has(fold(name))) this.#byName.set(fold(name), value);
  }

  get(name: string): T | undefined {
    return this.#byName.get(fold(name));
  }
}
