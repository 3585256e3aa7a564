/** Every dataset keeps what its manifest declares, and every demonstration policy speaks of columns that exist. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import type { Column, Table } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { generateCity, scaled } from '../../datasets/city/generate.ts';
import { readCsv } from '../support/csv.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

const scratch = mkdtempSync(join(tmpdir(), 'sluice-datasets-'));
const DIRECTORIES = { adult: join(ROOT, 'datasets/adult'), charities: join(ROOT, 'datasets/charities'), city: join(scratch, 'city') } as const;

beforeAll(() => generateCity({ directory: DIRECTORIES.city, size: scaled(0.02) }));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The declared facts that a value breaks, in words; null where it keeps them. */
function violation(column: Column, value: string): string | null {
  if (value === '') return column.nullable === true ? null : 'empty';
  if (column.domain !== undefined && !column.domain.includes(value)) return 'outside the domain';
  const compared = /^(date|timestamp)$/.test(column.type) ? value.replace(' ', 'T') : Number(value);
  const bound = (text: string): string | number => (typeof compared === 'string' ? text : Number(text));
  if (column.min !== undefined && !(compared >= bound(column.min))) return 'below min';
  if (column.max !== undefined && !(compared <= bound(column.max))) return 'above max';
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(column.type);
  if (decimal !== null) {
    const [whole = '', fraction = ''] = value.replace('-', '').split('.');
    if (fraction.length > Number(decimal[2]) || whole.length > Number(decimal[1]) - Number(decimal[2])) return `not a ${column.type}`;
  }
  if (/int/.test(column.type) && !/^-?\d+$/.test(value)) return `not a ${column.type}`;
  return null;
}

function checkTable(directory: string, name: string, table: Table): void {
  const { header, rows } = readCsv(join(directory, table.file), table.delimiter);
  const sources = Object.entries(table.columns).map(([key, column]) => ({ key, column, source: column.source ?? key }));
  expect([...header].sort(), `${name}: columns of the file`).toEqual(sources.map((s) => s.source).sort());
  const broken = new Set<string>();
  for (const row of rows) for (const { key, column, source } of sources) {
    const what = violation(column, row[source] as string);
    if (what !== null) broken.add(`${name}.${key}: ${what}`);
  }
  expect([...broken]).toEqual([]);

  for (const [kind, most] of Object.entries(table.maxRowsPerUnit ?? {})) {
    const unit = (table.units as Record<string, string>)[kind] as string;
    const perUnit = Map.groupBy(rows, (row) => row[unit]);
    expect(Math.max(...[...perUnit.values()].map((of) => of.length)), `${name}: rows of one ${kind}`).toBeLessThanOrEqual(most);
  }
}

describe.each(['adult', 'charities', 'city'] as const)('%s', (id) => {
  const directory = DIRECTORIES[id];
  const manifest = Manifest.parse(readJson(join(ROOT, 'datasets', id, 'dataset.json')));
  const policy = Policy.parse(readJson(join(ROOT, 'policies', `${id}-statistics.json`)));

  test('the manifest is complete: id, catalogue, titles in two languages', () => {
    expect(manifest.id).toBe(id);
    expect(manifest.catalogue).toBeDefined();
    expect(manifest.title).toBeDefined();
    for (const table of Object.values(manifest.tables)) {
      expect(table.title).toBeDefined();
      for (const column of Object.values(table.columns)) expect(column.title?.zh).not.toBe('');
    }
  });

  test('the files keep what the manifest declares', () => {
    for (const [name, table] of Object.entries(manifest.tables)) checkTable(directory, name, table);
  });

  test('hierarchies place every value of their column, once', () => {
    for (const table of Object.values(manifest.tables)) {
      const data = readCsv(join(directory, table.file), table.delimiter).rows;
      for (const [key, column] of Object.entries(table.columns)) {
        if (column.hierarchy === undefined) continue;
        const { header, rows } = readCsv(join(directory, column.hierarchy));
        const values = rows.map((row) => row[header[0] as string] as string);
        expect(new Set(values).size, column.hierarchy).toBe(values.length);
        if (column.domain !== undefined) expect([...column.domain].sort()).toEqual([...values].sort());
        expect(column.levels).toEqual(header.slice(1));
        expect(column.levelDomains).toEqual(Object.fromEntries(header.slice(1).map((level) => [level, [...new Set(rows.map((row) => row[level]))]])));
        expect(new Set(data.map((row) => row[column.source ?? key] as string)).difference(new Set(values))).toEqual(new Set());
      }
    }
  });

  test('references lead to values that exist', () => {
    for (const table of Object.values(manifest.tables)) for (const [key, column] of Object.entries(table.columns)) {
      if (column.references === undefined) continue;
      const [to = '', of = ''] = column.references.split('.');
      const target = manifest.tables[to] as Table;
      const parents = new Set(readCsv(join(directory, target.file), target.delimiter).rows.map((row) => row[of]));
      expect(readCsv(join(directory, table.file)).rows.every((row) => parents.has(row[key])), `${key} → ${column.references}`).toBe(true);
    }
  });

  test('the policy speaks of columns and levels that exist, and lists every unit kind', () => {
    const { dimensions, measures, joins, units } = policy.statistics;
    if (dimensions === 'any' || measures === 'any' || joins === 'any') throw new Error('a demonstration policy has a grid');
    expect(policy.dataset).toBe(id);
    const column = (path: string): Column => {
      const [table = '', name = ''] = path.split('.');
      const found = manifest.tables[table]?.columns[name];
      if (found === undefined) throw new Error(`${path} does not exist`);
      return found;
    };
    for (const path of [...Object.keys(measures), ...joins.flat()]) column(path);
    for (const [path, dimension] of Object.entries(dimensions)) {
      const { hierarchy, type } = column(path);
      if (!('levels' in dimension)) continue;
      const levels = hierarchy !== undefined ? readCsv(join(directory, hierarchy)).header : ['year', 'quarter', 'month', 'week', 'day', 'hour'];
      if (hierarchy === undefined) expect(type).toMatch(/date|timestamp/);
      for (const level of dimension.levels) expect(levels).toContain(level);
    }
    const kinds = Object.values(manifest.tables).flatMap((t) => (t.units === undefined ? [] : t.units === 'row' ? ['row'] : Object.keys(t.units)));
    expect(Object.keys(units).sort()).toEqual([...new Set(kinds)].sort());
  });
});
