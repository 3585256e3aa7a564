/**
 * The policy that an agency begins with: a preset's rules, with a grid and measures proposed from the roles that the manifest declares.
 * Coarse where there is a choice, and only from declared facts: data are not looked at. The agency changes and signs it.
 */
import type { Column, Manifest } from './manifest.ts';
import { own } from './own.ts';
import { isNumeric, isTemporal } from './policy-check/subject.ts';
import { comparesSome, judges } from './policy-check/withholding.ts';
import { draftFrom, type PolicyPreset } from './policy-preset.ts';
import type { Dimension, Policy, Statistics } from './policy.ts';
import { text, type Text } from './text.ts';

export interface StartingPolicy {
  readonly document: Policy;
  /** Columns that it does not name, and why not. */
  readonly leftOut: readonly { readonly column: string; readonly reason: Text }[];
  /** What the preset leaves unprotected and the agency can turn on. */
  readonly warnings: readonly Text[];
}

/** @param levels names of the coarser levels by `table.column`, where the manifest does not have them: from the hierarchy files */
export function startFrom(preset: PolicyPreset, manifest: Manifest, levels: Readonly<Record<string, readonly string[]>> = {}): StartingPolicy {
  const dimensions: Record<string, Dimension> = {};
  const measures: Record<string, ('count' | 'sum' | 'avg')[]> = {};
  const leftOut: { column: string; reason: Text }[] = [];
  for (const [name, table] of Object.entries(manifest.tables)) {
    // Public tables need no grid.
    if (table.units === undefined) continue;
    for (const [columnName, column] of Object.entries(table.columns)) {
      const path = `${name}.${columnName}`;
      const proposed = propose(column, column.levels ?? own(levels, path) ?? []);
      switch (proposed.kind) {
        case 'dimension': dimensions[path] = proposed.dimension; break;
        case 'measure': measures[path] = ['count', 'sum', 'avg']; break;
        case 'left-out': leftOut.push({ column: path, reason: proposed.reason }); break;
        case 'nothing': break;
        default: proposed satisfies never;
      }
    }
  }
  const draft = draftFrom(preset, manifest);
  const { dominance } = draft.statistics;
  // A rule about sums decides nothing where nothing may be added up.
  const statistics = { ...draft.statistics, dimensions, measures, joins: keysOf(manifest), dominance: Object.keys(measures).length === 0 ? [] : dominance };
  return { document: { ...draft, policy: `${manifest.id}-statistics` as Policy['policy'], statistics }, leftOut, warnings: leftOff(statistics) };
}

/** Under noise, and where nothing is withheld, neither could be turned on to any effect. */
function leftOff(statistics: Statistics): readonly Text[] {
  const { mechanism, secondary, differencing } = statistics;
  if (mechanism.kind !== 'suppress' && mechanism.kind !== 'round') return [];
  return [
    ...(secondary !== 'none' || !judges(statistics) ? [] : [text(
      'Secondary suppression is off (statistics.secondary is "none", as in the source): a withheld number can be worked out from totals and the other groups. Set it to "required", unless somebody checks every table for that by hand.',
      '二次抑制未启用（与来源一致，statistics.secondary 为 "none"）：被隐去的数值可由合计及其他组推算得出。除非另有人工逐表核查，请设为 "required"。',
    )]),
    ...(differencing !== 'none' || !comparesSome(statistics) ? [] : [text(
      'Comparison with earlier releases is off (statistics.differencing is "none", as in the source): two releases that differ by one person tell that person\'s value. Set it to "refuse", "hold" or "warn", unless somebody compares them by hand.',
      '未启用与历史发布结果的比对（与来源一致，statistics.differencing 为 "none"）：两次发布若仅相差一人，即可推出该人的数值。除非另有人工比对，请设为 "refuse"、"hold" 或 "warn"。',
    )]),
  ];
}

type Proposal =
  | { readonly kind: 'dimension'; readonly dimension: Dimension }
  | { readonly kind: 'measure' }
  | { readonly kind: 'left-out'; readonly reason: Text }
  /** Identities are neither grouped by nor added up. */
  | { readonly kind: 'nothing' };

function propose(column: Column, levels: readonly string[]): Proposal {
  switch (column.role) {
    case 'unit':
    case 'identifier':
      return { kind: 'nothing' };
    case 'quasi': {
      const dimension = dimensionOf(column, levels);
      return dimension === null
        ? { kind: 'left-out', reason: text('it declares neither levels, nor a domain, nor a range to make bands of', '未声明层级、值域或可划分区间的范围') }
        : { kind: 'dimension', dimension };
    }
    case 'sensitive':
      return isNumeric(column)
        ? { kind: 'measure' }
        : { kind: 'left-out', reason: text('it is sensitive and no number; grouping by it tells it of every group that is released', '属于敏感且非数值的字段；按其分组会透露所发布各组的取值') };
    case 'plain':
      return { kind: 'left-out', reason: text('its role is plain, which says neither that it groups nor that it is added up', '角色为 plain，未说明用于分组或合计') };
    default:
      return column.role satisfies never;
  }
}

function dimensionOf(column: Column, levels: readonly string[]): Dimension | null {
  if (levels.length > 0) return { levels: [...levels] };
  if (isTemporal(column)) return { levels: ['year', 'quarter'] };
  if (isNumeric(column) && column.min !== undefined && column.max !== undefined) {
    const edges = bandEdges(Number(column.min), Number(column.max), !/^(double|decimal\(\d+,[1-9])/.test(column.type));
    return edges === null ? null : { bands: edges };
  }
  const isFractional = column.type === 'double' || /^decimal\(\d+,[1-9]/.test(column.type);
  return column.type === 'boolean' || (column.domain !== undefined && !isFractional) ? { categories: 'all' } : null;
}

/** About this many bands. */
const BANDS = 8;

/** Multiples of 1, 2 or 5 times a power of ten, above `min` and not above `max`; null where none fits. */
function bandEdges(min: number, max: number, whole: boolean): number[] | string[] | null {
  const rough = (max - min) / BANDS;
  if (!Number.isFinite(rough) || rough <= 0 || Math.max(Math.abs(min), Math.abs(max)) > Number.MAX_SAFE_INTEGER) return null;
  const exponent = Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((step) => step * 10 ** exponent >= rough) ?? 10;
  // In units of the step's own power of ten, so that edges are exact integers.
  const power = whole ? Math.max(0, exponent) : exponent;
  const step = whole && exponent < 0 ? 1 : factor;
  const unit = 10 ** power;
  const edges: number[] = [];
  for (let edge = Math.ceil(min / unit / step) * step; edge * unit <= max; edge += step) if (edge * unit > min) edges.push(edge);
  if (edges.length === 0) return null;
  return power >= 0 ? edges.map((edge) => edge * unit) : edges.map((edge) => (edge / 10 ** -power).toFixed(-power));
}

/** Declared foreign keys within the dataset, between columns that are kept. */
function keysOf({ tables }: Manifest): Exclude<Statistics['joins'], 'any'> {
  return Object.entries(tables).flatMap(([name, { columns }]) => Object.entries(columns).flatMap(([column, { references, type, role }]): [string, string][] => {
    const [table = '', key = '', more] = (references ?? '').split('.');
    const target = own(own(tables, table)?.columns ?? {}, key);
    return more !== undefined || target === undefined || target.type !== type || target.role === 'identifier' || role === 'identifier' ? [] : [[`${table}.${key}`, `${name}.${column}`]];
  }));
}
