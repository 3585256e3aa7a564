/** CSV as RFC 4180 has it: comma, CRLF, header, UTF-8 without a byte order mark. NULL is the empty field, the empty text is `""`. */
import type { ResultTable, Value } from '#contract/table.ts';
import { withCompanion } from '../companion.ts';

export function renderCsv(table: ResultTable): Uint8Array {
  const { columns, rows } = withCompanion(table);
  const lines = [columns.map(({ name }) => field(name)), ...rows.map((row) => row.map(field))];
  return Buffer.from(lines.map((line) => `${line.join(',')}\r\n`).join(''), 'utf8');
}

function field(value: Value): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
