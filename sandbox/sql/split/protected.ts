/** Rows of protected parties, with what is known of their units. */
import type { Relation } from '../relation.ts';
import type { RowBound } from './bounds.ts';
import type { UnitClass } from './units.ts';

export interface Protected {
  readonly relation: Relation;
  readonly units: readonly UnitClass[];
  readonly bounds: readonly RowBound[];
}

/** `units` null: no row of it belongs to a protected party. */
export type Side = { readonly relation: Relation; readonly units: null } | Protected;

/** Kinds of units, for people. */
export const kindsOf = (units: readonly UnitClass[]): string => [...new Set(units.map(({ kind }) => kind))].sort().join(', ');
