/**
 * Tables of which it is not known what their cells have in common with those of others: rows that meet themselves, values that were
 * added up for each unit before, conditions on values that nobody declared. What they show could be any part of what others withhold.
 */
import type { LinkedFace } from './linked-table.ts';
import type { GatePlace } from './place.ts';

export interface FaceOfTable {
  readonly place: GatePlace;
  readonly face: Pick<LinkedFace, 'key' | 'magnitude'>;
}

/** Whether the numbers of a vague table may be made of what another adds up, in a way that no equation says. */
export function mayTell(vague: FaceOfTable, other: FaceOfTable): boolean {
  const tables = other.place.vague ?? [other.place.base];
  if (vague.place.vague === undefined || vague.place.base === other.place.base || vague.face.magnitude !== other.face.magnitude) return false;
  if (!tables.some((table) => vague.place.vague?.includes(table))) return false;
  // Of another column they say nothing.
  return !vague.face.magnitude || vague.face.key.includes(JSON.stringify(valueOf(other.face)).slice(1, -1));
}

/** The column or expression that is added up, as it is in the key of a face (`linked-table.ts`). */
function valueOf({ key }: Pick<LinkedFace, 'key'>): string {
  const parts: unknown = JSON.parse(key);
  const of: unknown = Array.isArray(parts) ? parts[1] : null;
  return typeof of === 'object' && of !== null && 'column' in of && typeof of.column === 'string' ? of.column : '';
}
