/** The grid: columns that exist and may be grouped by, levels that exist, bands in order and within the declared range. */
import type { Column } from '../manifest.ts';
import type { Dimension } from '../policy.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import { columnOf, columnProblem, isNumeric, isTemporal } from './subject.ts';
import type { PolicySubject } from './subject.ts';

const DATE_LEVELS = ['year', 'quarter', 'month', 'week', 'day'];
const TIMESTAMP_LEVELS = [...DATE_LEVELS, 'hour'];

export function checkDimensions(subject: PolicySubject): readonly PolicyProblem[] {
  const { dimensions } = subject.policy.statistics;
  if (dimensions === 'any') return [];
  return Object.entries(dimensions).flatMap(([path, dimension]) => {
    const place = `statistics.dimensions.${path}`;
    const problem = columnProblem(subject, place, path);
    const column = columnOf(subject.manifest, path);
    if (problem !== null) return [problem];
    return column === null ? [] : checkDimension(subject, place, path, column, dimension);
  });
}

function checkDimension(subject: PolicySubject, place: string, path: string, column: Column, dimension: Dimension): readonly PolicyProblem[] {
  if (column.role === 'identifier' || column.role === 'unit') {
    return [policyProblem('policy/bad-dimension', place,
      'A column that identifies somebody cannot be grouped by or filtered on.', '标识主体身份的字段不能用于分组或筛选。')];
  }
  if ('levels' in dimension) return checkLevels(subject, place, path, column, dimension.levels);
  if ('bands' in dimension) return checkBands(`${place}.bands`, column, dimension.bands);
  return checkCategories(`${place}.categories`, column, dimension.categories);
}

function checkLevels(subject: PolicySubject, place: string, path: string, column: Column, levels: readonly string[]): readonly PolicyProblem[] {
  const own = path.split('.')[1] ?? '';
  const header = subject.levels[path];
  const parts = column.type === 'date' ? DATE_LEVELS : column.type === 'timestamp' ? TIMESTAMP_LEVELS : [];
  const known = new Set([own, ...parts, ...(header ?? [])]);
  return levels.flatMap((level, i) => {
    if (levels.indexOf(level) !== i) {
      return [policyProblem('policy/never-decides', `${place}.levels.${i}`, `The level “${level}” is listed twice.`, `层级“${level}”重复列出。`)];
    }
    if (known.has(level) || (column.hierarchy !== undefined && header === undefined)) return [];
    return [policyProblem('policy/unknown-level', `${place}.levels.${i}`,
      `The column has no level “${level}”; it has ${[...known].join(', ')}.`, `该字段没有层级“${level}”;现有:${[...known].join('、')}。`)];
  });
}

function checkBands(place: string, column: Column, edges: readonly (number | string)[]): readonly PolicyProblem[] {
  const bad = (en: string, zh: string, i: number) => [policyProblem('policy/bad-bands', `${place}.${i}`, en, zh)];
  if (!isNumeric(column) && !isTemporal(column)) {
    return [policyProblem('policy/bad-bands', place, `Bands need a numeric or date column; this one is ${column.type}.`, `区间仅适用于数值或日期字段,该字段类型为 ${column.type}。`)];
  }
  const values = edges.map((edge) => bandEdge(column, edge));
  const unreadable = values.indexOf(null);
  if (unreadable >= 0) {
    return isNumeric(column)
      ? bad('A band edge of a numeric column is an integer or a decimal number as text.', '数值字段的区间边界应为整数或文本形式的小数。', unreadable)
      : bad('A band edge of a date column is an ISO date like "2020-01-01".', '日期字段的区间边界应为 ISO 日期,如 "2020-01-01"。', unreadable);
  }
  const ascending = values.findIndex((value, i) => i > 0 && value !== null && compareEdges(value, values[i - 1] ?? value) <= 0);
  if (ascending >= 0) return bad('Band edges must ascend.', '区间边界必须递增。', ascending);
  const min = column.min === undefined ? null : bandEdge(column, column.min);
  const max = column.max === undefined ? null : bandEdge(column, column.max);
  const outside = values.findIndex((value) => value !== null && ((min !== null && compareEdges(value, min) <= 0) || (max !== null && compareEdges(value, max) > 0)));
  return outside < 0 ? [] : bad(
    `The band edge lies outside the declared range (${column.min ?? '…'} to ${column.max ?? '…'}), so a band of it would always be empty.`,
    `区间边界超出声明范围(${column.min ?? '…'} 至 ${column.max ?? '…'}),会产生永远为空的区间。`, outside);
}

/** Numbers as exact decimals of 18 digits after the point, dates as their ISO text. */
function bandEdge(column: Column, edge: number | string): bigint | string | null {
  if (isTemporal(column)) return typeof edge === 'string' && /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/.test(edge) ? edge : null;
  const match = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(String(edge));
  if (match === null) return null;
  const units = BigInt(`${match[2] ?? ''}${(match[3] ?? '').padEnd(18, '0')}`);
  return match[1] === '-' ? -units : units;
}

function compareEdges(a: bigint | string, b: bigint | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function checkCategories(place: string, column: Column, categories: 'all' | readonly string[]): readonly PolicyProblem[] {
  if (categories === 'all') {
    // Every distinct value of a fractional number would be a group of its own.
    return column.type === 'double' || /^decimal\(\d+,[1-9]/.test(column.type)
      ? [policyProblem('policy/bad-categories', place, 'A column of fractional numbers has no categories; give bands.', '小数字段没有类别,请使用区间。')]
      : [];
  }
  return categories.flatMap((category, i) => {
    if (categories.indexOf(category) !== i) return [policyProblem('policy/bad-categories', `${place}.${i}`, `The category “${category}” is listed twice.`, `类别“${category}”重复列出。`)];
    if (column.domain === undefined || column.domain.includes(category)) return [];
    return [policyProblem('policy/bad-categories', `${place}.${i}`, `“${category}” is not in the declared domain of the column.`, `“${category}”不在该字段声明的值域内。`)];
  });
}
