/**
 * The values that a dimension can have by declared facts: bands, a hierarchy's values, a domain, an integer's range, the days of a
 * date. Each is an atom with one value that stands for it, and its levels and bands; what is asked of a dimension is asked of
 * these values.
 */
import type { Column as ManifestColumn } from '#contract/manifest.ts';
import type { Dimension } from '#contract/policy.ts';
import { atomOf, NULL_ATOM } from '../../release/place.ts';
import { bandLabels } from '../bands.ts';
import { isInteger, type Type } from '../types.ts';
import { dayBefore, nextDay } from '../vet/calendar.ts';

export interface Atom {
  readonly name: string;
  /** The value that stands for it, as text. */
  readonly value: string | null;
  readonly band: string | null;
  /** By name of the level. */
  readonly levels: ReadonlyMap<string, string>;
}

export interface Universe {
  readonly atoms: readonly Atom[];
  /** Whether the column may have other values than these: their levels are NULL. */
  readonly others: boolean;
}

/** More are not listed. */
const MOST = 1_500;

/** @param literals that the column is compared with for equality: all that matters where its values are not declared */
export function universeOf(declared: ManifestColumn, type: Type, dimension: Dimension | null, literals: readonly string[]): Universe {
  const closed = valuesOf(declared, type, dimension);
  const listed = closed ?? [...new Set(literals)].map((value) => plain(value));
  const others = closed === null || (declared.levelRows !== undefined && declared.domain === undefined);
  const nullAtom: Atom = { name: NULL_ATOM, value: null, band: null, levels: new Map() };
  return { atoms: declared.nullable === false ? listed : [...listed, nullAtom], others };
}

const plain = (value: string, name = atomOf(value), band: string | null = null): Atom => ({ name, value, band, levels: new Map() });

function valuesOf(declared: ManifestColumn, type: Type, dimension: Dimension | null): readonly Atom[] | null {
  if (dimension !== null && 'bands' in dimension) return bandsOf(declared, type, dimension.bands.map(String));
  if (declared.levelRows !== undefined && declared.levels !== undefined) {
    const { levels, levelRows } = declared;
    return levelRows.length > MOST ? null : levelRows.map(([value = '', ...of]) => ({ ...plain(value), levels: new Map(levels.map((level, i) => [level, of[i] ?? ''])) }));
  }
  if (declared.domain !== undefined) return declared.domain.length > MOST ? null : declared.domain.map((value) => plain(value));
  if (type === 'BOOLEAN') return [plain('true'), plain('false')];
  const { min, max } = declared;
  if (min === undefined || max === undefined) return null;
  if (isInteger(type) && BigInt(max) - BigInt(min) < BigInt(MOST)) return Array.from({ length: Number(BigInt(max) - BigInt(min)) + 1 }, (_, i) => plain((BigInt(min) + BigInt(i)).toString()));
  const parts = dimension !== null && 'levels' in dimension ? dimension.levels : [];
  // Within a month, a quarter or a year that is never split, its first day stands for all.
  if (parts.length > 0 && parts.every((part) => part === 'year' || part === 'quarter' || part === 'month') && (type === 'DATE' || type === 'TIMESTAMP')) return daysOf(`${min.slice(0, 7)}-01`, max.slice(0, 10), true);
  return type === 'DATE' ? daysOf(min, max, false) : null;
}

/** The lower edge stands for a band; below the first there is none, so a value just below its upper edge does. */
function bandsOf({ min, max }: ManifestColumn, type: Type, edges: readonly string[]): readonly Atom[] | null {
  const below = (edge: string): string | null => (type === 'DATE' ? dayBefore(edge) : /^-?\d+$/.test(edge) ? (BigInt(edge) - 1n).toString() : String(Number(edge) - 1));
  const atoms: Atom[] = [];
  for (const [i, label] of bandLabels(edges).entries()) {
    const [low, high] = [edges[i - 1], edges[i]];
    if (isInteger(type) && ((high !== undefined && min !== undefined && Number(high) <= Number(min)) || (low !== undefined && max !== undefined && Number(low) > Number(max)))) continue;
    const value = low ?? (high === undefined ? null : below(high));
    if (value === null) return null;
    atoms.push(plain(value, label, label));
  }
  return atoms;
}

function daysOf(min: string, max: string, firstOfMonth: boolean): readonly Atom[] | null {
  const days: Atom[] = [];
  for (let day: string | null = min; day !== null && day <= max; day = nextDay(day)) {
    if (!firstOfMonth || day.endsWith('-01')) days.push(plain(day));
    if (days.length > MOST) return null;
  }
  return days;
}
