/** The scanner against a plain reference parser: same records, same lines, and the engine reads the same values. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { scanCsv } from '#sandbox/ingest/csv-scan.ts';
import { readCsvSql } from '#sandbox/ingest/source.ts';
import fc from '../../support/fast-check.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-csv-'));
const RFC = { delimiter: ',', quote: '"' };

function scan(content: string | Uint8Array, dialect: { delimiter: string; quote: string | null } = RFC) {
  const file = join(directory, 'x.csv');
  writeFileSync(file, content);
  return scanCsv(file, dialect);
}

const DEFECTS: readonly [string, string | Uint8Array, string, number, number][] = [
  ['bytes that are not UTF-8', Buffer.concat([Buffer.from('a,b\n1,2\n3,'), Buffer.from([0xff, 0xfe]), Buffer.from('\n5,6\n')]), 'not-utf8', 3, 1],
  ['a cut character at the end', Buffer.concat([Buffer.from('a,b\n1,'), Buffer.from([0xe4, 0xb8])]), 'not-utf8', 2, 1],
  ['a NUL', 'a,b\n1,\0\n', 'nul', 2, 1],
  ['too few fields', 'a,b\n1,2\n3\n4\n', 'field-count', 3, 2],
  ['too many fields', 'a,b\n1,2,3\n', 'field-count', 2, 1],
  ['a quote inside a field', 'a,b\n1,x"y\n', 'stray-quote', 2, 1],
  ['text after a closing quote', 'a,b\n1,"x"y\n', 'stray-quote', 2, 1],
  ['a quote that never closes', 'a,b\n1,2\n3,"x\n4,5\n', 'open-quote', 3, 1],
  ['a blank line', 'a,b\n1,2\n\n3,4\n', 'blank-line', 3, 1],
  ['a lone carriage return', 'a,b\n1,x\ry\n', 'bare-cr', 2, 1],
  ['two kinds of line ends', 'a,b\r\n1,2\n', 'mixed-line-ends', 2, 1],
  ['a line number after a quoted line break', 'a,b\n1,"x\ny\nz"\n2\n', 'field-count', 5, 1],
];

test.each(DEFECTS)('%s', (_, content, defect, line, count) => {
  expect(scan(content).defects).toContainEqual({ defect, line, count });
});

test('what is allowed has no defect', () => {
  for (const content of ['a,b\n', 'a,b', 'a,b\n1,2', 'a,b\r\n1,2\r\n', '\ufeffa,b\n1,2\n', 'a,b\n"x ""y"", z",\n', 'a,b\n"x\r\ny",2\n', 'a,b\n,\n']) {
    expect(scan(content).defects, JSON.stringify(content)).toEqual([]);
  }
  expect(scan('\ufeff"a b",c\n').header).toEqual(['a b', 'c']);
  expect(scan('a,b\n').records).toBe(0);
});

test('a file is the same in one piece and across chunks', () => {
  const rows = Array.from({ length: 700_000 }, (_, i) => `${i},名字${i}`);
  rows[600_000] = '600000';
  const shape = scan(`n,name\n${rows.join('\n')}\n`);
  expect(shape.records).toBe(700_000);
  expect(shape.defects).toEqual([{ defect: 'field-count', line: 600_002, count: 1 }]);
});

/** A reference without any cleverness: knows only how to write. */
const field = fc.oneof(fc.string({ unit: fc.constantFrom('a', '中', ' ', ',', ';', '"', '\n', '\r\n', '0', '.') , maxLength: 6 }), fc.integer().map(String), fc.constant(''));
const table = fc.integer({ min: 2, max: 4 }).chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }));
const write = (value: string, delimiter: string, always: boolean) =>
  always || value.includes(delimiter) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

test('records, lines and values', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await fc.assert(fc.asyncProperty(table, fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean(), async (rows, delimiter, lineEnd, always, last) => {
    const header = rows[0]!.map((_, i) => `h${i}`);
    const lines = [header, ...rows].map((row) => row.map((value) => write(value, delimiter, always)).join(delimiter));
    const content = lines.join(lineEnd) + (last ? lineEnd : '');
    const shape = scan(content, { delimiter, quote: '"' });
    expect(shape.defects).toEqual([]);
    expect(shape.header).toEqual(header);
    expect(shape.records).toBe(rows.length);
    let line = 1;
    lines.forEach((text, i) => {
      if (i > 0) expect(shape.lineOf(i - 1)).toBe(line);
      line += text.split('\n').length;
    });
    const read = await connection.runAndReadAll(`SELECT * FROM ${readCsvSql(join(directory, 'x.csv'), { delimiter, quote: '"' }, shape, '')}`);
    expect(read.getRows()).toEqual(rows.map((row) => row.map((value) => (value === '' ? null : value))));
  }), { numRuns: 150 });
});
