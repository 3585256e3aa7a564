/**
 * A table's file as a relation of text columns that the engine can read, with the line of each row. The structure of a CSV
 * file is checked here; what its values mean is not. Columns of the file that the manifest does not describe are never
 * read: nothing enters a snapshot that nobody declared.
 */
import type { IngestProblem } from '#contract/job.ts';
import type { Column, Table } from '#contract/manifest.ts';
import { quoteIdentifier, quoteText } from '../engine/identifier.ts';
import type { IngestEngine } from '../engine/ingest-engine.ts';
import { scanCsv, type CsvDefect, type CsvDialect, type CsvShape } from './csv-scan.ts';
import { datasetFile } from './dataset-file.ts';
import { problem, type Place } from './problem.ts';

export interface Source {
  /** What to write after FROM. */
  readonly relation: string;
  /** VARCHAR expression by manifest column. */
  readonly text: ReadonlyMap<string, string>;
  /** Rows in the file, null where the format does not say before it is read. */
  readonly rows: number | null;
  /** Line of a row (zero-based) in a CSV file; its number, from 1, in a Parquet file. */
  readonly lineOf: (row: number) => number;
}

export type SourceResult = { readonly source: Source } | { readonly problems: readonly IngestProblem[] };

export async function openSource(engine: IngestEngine, directory: string, name: string, table: Table): Promise<SourceResult> {
  const file = datasetFile(directory, table.file);
  if (file === null) {
    return { problems: [problem('ingest/no-file', { table: name }, `the file “${table.file}” is not beside the manifest.`, `清单所在目录中没有文件“${table.file}”。`)] };
  }
  const format = table.format ?? (table.file.endsWith('.parquet') ? 'parquet' : 'csv');
  return format === 'csv' ? openCsv(file, name, table) : openParquet(engine, file, name, table);
}

/** RFC 4180 unless the manifest says otherwise. `quote: ""`: fields are never quoted. */
const dialectOf = (table: Table): CsvDialect => ({ delimiter: table.delimiter ?? ',', quote: table.quote === '' ? null : table.quote ?? '"' });

function openCsv(file: string, name: string, table: Table): SourceResult {
  const dialect = dialectOf(table);
  if (!/^[\t\x20-\x7e]$/.test(dialect.delimiter) || !/^[\x20-\x7e]?$/.test(dialect.quote ?? '') || dialect.delimiter === dialect.quote) {
    return { problems: [problem('ingest/dialect', { table: name }, 'delimiter and quote must be two different printable ASCII characters.', '分隔符与引号必须是两个不同的可打印 ASCII 字符。')] };
  }
  const shape = scanCsv(file, dialect);
  const problems = [...shape.defects.map((defect) => describeDefect(name, defect, shape)), ...headerProblems(name, table.columns, shape.header)];
  if (problems.length > 0) return { problems };
  return {
    source: {
      relation: readCsvSql(file, dialect, shape, table.null ?? ''),
      text: new Map(Object.entries(table.columns).map(([column, { source }]) => [column, `c${shape.header.indexOf(source ?? column)}`])),
      rows: shape.records,
      lineOf: shape.lineOf,
    },
  };
}

/**
 * Nothing is guessed: every column is text, and the dialect is the one that was scanned. `new_line` is left out: named
 * together with `strict_mode` it makes DuckDB 1.5.5 read no row of a CR LF file; without it both kinds are read.
 */
export function readCsvSql(file: string, { delimiter, quote }: CsvDialect, shape: CsvShape, nullText: string): string {
  const columns = shape.header.map((_, i) => `c${i}: 'VARCHAR'`).join(', ');
  const quoting = quote === null ? "quote='', escape=''" : `quote=${quoteText(quote)}, escape=${quoteText(quote)}`;
  return `read_csv(${quoteText(file)}, auto_detect=false, header=true, strict_mode=true, columns={${columns}}, delim=${quoteText(delimiter)}, `
    + `${quoting}, nullstr=${quoteText(nullText)}, null_padding=false, ignore_errors=false)`;
}

function headerProblems(table: string, columns: Readonly<Record<string, Column>>, header: readonly string[]): IngestProblem[] {
  return Object.entries(columns).flatMap(([column, { source }]) => {
    const wanted = source ?? column;
    const times = header.filter((name) => name === wanted).length;
    if (times === 1) return [];
    return times === 0
      ? [problem('ingest/missing-column', { table, column }, `the file’s header has no column “${wanted}”.`, `文件表头中没有列“${wanted}”。`)]
      : [problem('ingest/duplicate-column', { table, column, line: 1 }, `the file’s header has the column “${wanted}” ${times} times.`, `文件表头中列“${wanted}”出现了 ${times} 次。`)];
  });
}

export function describeDefect(table: string, { defect, line, count }: CsvDefect, shape: CsvShape): IngestProblem {
  const place: Place = { table, line, count };
  switch (defect) {
    case 'not-utf8':
      return problem('ingest/not-utf8', place, 'the line holds bytes that are not UTF-8; files must be UTF-8.', '该行含有非 UTF-8 字节;文件必须为 UTF-8 编码。');
    case 'nul':
      return problem('ingest/nul', place, 'a NUL character is not text.', 'NUL 字符不是文本。');
    case 'bare-cr':
      return problem('ingest/bare-cr', place, 'a carriage return outside quotes must be followed by a line feed.', '引号之外的回车符后必须跟换行符。');
    case 'mixed-line-ends':
      return problem('ingest/mixed-line-ends', place, 'lines end in two ways; use LF or CR LF throughout.', '行结束符不一致;请统一使用 LF 或 CR LF。');
    case 'stray-quote':
      return problem('ingest/stray-quote', place, 'a quote inside a field: quote the whole field and double the quotes in it (RFC 4180).', '字段内出现引号:请将整个字段加引号,并将其中的引号写成两个(RFC 4180)。');
    case 'open-quote':
      return problem('ingest/open-quote', place, 'a quoted field that begins in this record is never closed.', '该记录中开始的引号字段没有结束。');
    case 'blank-line':
      return problem('ingest/blank-line', place, 'a blank line is no record.', '空行不是有效记录。');
    case 'field-count':
      return problem('ingest/field-count', place, `a record does not have the ${shape.header.length} fields of the header.`, `记录的字段数与表头的 ${shape.header.length} 个不一致。`);
    case 'long-record':
      return problem('ingest/long-record', place, 'a record is longer than 1,000,000 bytes.', '记录长度超过 1,000,000 字节。');
  }
}

async function openParquet(engine: IngestEngine, file: string, name: string, table: Table): Promise<SourceResult> {
  let columns: Awaited<ReturnType<IngestEngine['parquetColumns']>>;
  try {
    columns = await engine.parquetColumns(file);
  } catch {
    return { problems: [problem('ingest/not-parquet', { table: name }, 'the file cannot be read as Parquet.', '无法按 Parquet 格式读取该文件。')] };
  }
  const problems = headerProblems(name, table.columns, columns.map((column) => column.name));
  const text = new Map<string, string>();
  for (const [column, { source }] of Object.entries(table.columns)) {
    const found = columns.find((candidate) => candidate.name === (source ?? column));
    if (found === undefined) continue;
    if (/^(BLOB|BIT|STRUCT|MAP|UNION|VARIANT|GEOMETRY)|\]$/.test(found.type)) {
      problems.push(problem('ingest/parquet-type', { table: name, column }, `a Parquet column of type ${found.type.slice(0, 20)} has no form as a value of a table.`, `Parquet 列类型 ${found.type.slice(0, 20)} 不能作为表的取值。`));
    }
    text.set(column, found.type === 'VARCHAR' ? quoteIdentifier(found.name) : `CAST(${quoteIdentifier(found.name)} AS VARCHAR)`);
  }
  if (problems.length > 0) return { problems };
  return { source: { relation: `read_parquet(${quoteText(file)})`, text, rows: null, lineOf: (row) => row + 1 } };
}
