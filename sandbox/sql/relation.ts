/**
 * The bound form of a query: a relational algebra over columns that know their type and where they come from. Names are
 * gone, `*` is expanded, implicit casts are explicit.
 */
import type { Bound } from './expression.ts';
import type { CatalogColumn, CatalogTable } from './catalog.ts';
import type { JoinKind, SetOperator } from './query.ts';
import type { Position } from './source-text.ts';
import type { Type } from './types.ts';
import type { AggregateFunction } from './functions/aggregates.ts';

/** A column of some relation. Relations that hand a column on unchanged hand on the same object. */
export interface Column {
  readonly id: number;
  /** As the operator sees it. */
  readonly name: string;
  readonly type: Type;
  readonly from: Origin;
}

/** How a column comes to be: what the vetter and the planner trace uses and measures through. */
export type Origin =
  | { readonly kind: 'stored'; readonly table: CatalogTable; readonly column: CatalogColumn; readonly scan: number }
  /** The unit of a row of a protected table, whether the operator may name it or not. */
  | { readonly kind: 'unit'; readonly table: CatalogTable; readonly unit: string; readonly scan: number }
  /** The unit's record key, stored with each row. */
  | { readonly kind: 'record-key'; readonly unit: string; readonly scan: number }
  /** The integer beside a stored double: what its sums are made of. */
  | { readonly kind: 'fixed'; readonly name: string; readonly scale: number; readonly scan: number }
  | { readonly kind: 'computed'; readonly expr: Bound }
  | { readonly kind: 'aggregate'; readonly call: AggregateCall }
  | { readonly kind: 'grouping'; readonly keys: readonly Column[] }
  | { readonly kind: 'window'; readonly call: WindowCall }
  /** A column of a set operation, made of one column of either side. */
  | { readonly kind: 'combined'; readonly parts: readonly Column[] }
  | { readonly kind: 'constant' }
  /** Whether a subquery has a row, or a value, for this row. */
  | { readonly kind: 'test'; readonly uses: readonly Bound[] }
  /** The value that a scalar subquery has for this row. */
  | { readonly kind: 'lookup'; readonly column: Column }
  | { readonly kind: 'released'; readonly gate: number; readonly role: 'key' | 'value' | 'flag' };

export interface AggregateCall {
  readonly fn: AggregateFunction;
  readonly args: readonly Bound[];
  readonly distinct: boolean;
  readonly filter: Bound | null;
  readonly order: readonly SortKey[];
  readonly type: Type;
  readonly at: Position;
}

export interface WindowCall {
  readonly name: string;
  readonly args: readonly Bound[];
  readonly distinct: boolean;
  readonly filter: Bound | null;
  readonly ignoreNulls: boolean;
  readonly order: readonly SortKey[];
  readonly partition: readonly Bound[];
  readonly orderBy: readonly SortKey[];
  readonly frame: BoundFrame;
  readonly type: Type;
  readonly at: Position;
}

export interface BoundFrame {
  readonly unit: 'rows' | 'range' | 'groups';
  readonly start: BoundFrameEnd;
  readonly end: BoundFrameEnd;
  readonly exclude: 'none' | 'current' | 'group' | 'ties';
}

export type BoundFrameEnd =
  | { readonly kind: 'unbounded-preceding' | 'unbounded-following' | 'current' }
  | { readonly kind: 'preceding' | 'following'; readonly expr: Bound };

export interface SortKey {
  readonly expr: Bound;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last' | null;
}

/** `column` is computed by `expr`; where `expr` is just a column, the two are the same column. */
export interface Item {
  readonly column: Column;
  readonly expr: Bound;
}

/** `op`: how the left values compare with the subquery's. IN is `=`. */
export type Test =
  | { readonly kind: 'exists' }
  | { readonly kind: 'any'; readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly left: Bound; readonly right: Column };

export type Relation =
  | { readonly kind: 'scan'; readonly table: CatalogTable; readonly scan: number; readonly columns: readonly Column[]; readonly at: Position }
  | { readonly kind: 'values'; readonly rows: readonly (readonly Bound[])[]; readonly columns: readonly Column[] }
  /** One row without columns: SELECT without FROM. */
  | { readonly kind: 'single' }
  | { readonly kind: 'filter'; readonly input: Relation; readonly predicate: Bound }
  | { readonly kind: 'project'; readonly input: Relation; readonly items: readonly Item[] }
  | { readonly kind: 'join'; readonly join: Exclude<JoinKind, 'semi' | 'anti'>; readonly left: Relation; readonly right: Relation; readonly on: Bound | null; readonly at: Position }
  /** Adds a BOOLEAN column that tells how each row fares with a subquery. `on` compares columns of both. */
  | { readonly kind: 'test'; readonly input: Relation; readonly sub: Relation; readonly test: Test; readonly on: Bound | null; readonly column: Column; readonly at: Position }
  /** Adds the value of a scalar subquery: `value` of the row of `sub` for which `on` holds, NULL if there is none. */
  | { readonly kind: 'lookup'; readonly input: Relation; readonly sub: Relation; readonly value: Column; readonly on: Bound | null; readonly column: Column; readonly at: Position }
  /** `sets`: indexes into `keys`, null for the one set of all keys. Without keys there is one row, whatever the input. */
  | { readonly kind: 'aggregate'; readonly input: Relation; readonly keys: readonly Item[]; readonly aggregates: readonly { readonly column: Column; readonly call: AggregateCall }[]; readonly sets: readonly (readonly number[])[] | null; readonly groupings: readonly { readonly column: Column; readonly keys: readonly number[] }[]; readonly at: Position }
  | { readonly kind: 'window'; readonly input: Relation; readonly items: readonly { readonly column: Column; readonly call: WindowCall }[]; readonly at: Position }
  /** `on` empty: rows that are equal in all columns are one row. */
  | { readonly kind: 'distinct'; readonly input: Relation; readonly on: readonly Bound[]; readonly order: readonly SortKey[]; readonly at: Position }
  | { readonly kind: 'set-operation'; readonly op: SetOperator; readonly all: boolean; readonly left: Relation; readonly right: Relation; readonly columns: readonly Column[]; readonly at: Position }
  | { readonly kind: 'sort'; readonly input: Relation; readonly by: readonly SortKey[]; readonly at: Position }
  | { readonly kind: 'limit'; readonly input: Relation; readonly limit: Bound | null; readonly offset: Bound | null; readonly at: Position }
  /** A gate's released table, above the gate: made by `split`. Its first columns are its keys. */
  | { readonly kind: 'gate'; readonly gate: number; readonly columns: readonly Column[]; readonly keys: number };

/** What a relation shows, in order. */
export function columnsOf(relation: Relation): readonly Column[] {
  switch (relation.kind) {
    case 'scan': case 'values': case 'set-operation': case 'gate': return relation.columns;
    case 'single': return [];
    case 'filter': case 'distinct': case 'sort': case 'limit': return columnsOf(relation.input);
    case 'project': return relation.items.map(({ column }) => column);
    case 'join': return [...columnsOf(relation.left), ...columnsOf(relation.right)];
    case 'test': case 'lookup': return [...columnsOf(relation.input), relation.column];
    case 'aggregate': return [...relation.keys, ...relation.aggregates, ...relation.groupings].map(({ column }) => column);
    case 'window': return [...columnsOf(relation.input), ...relation.items.map(({ column }) => column)];
  }
}
