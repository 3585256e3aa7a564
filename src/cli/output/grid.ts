/** Aligned text tables for people. */
import { displayWidth, padEnd, padStart } from './width.ts';

export interface GridColumn {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: 'left' | 'right';
}

/** A header, a rule, and the rows, columns two spaces apart. Control characters in a value are shown, not obeyed. */
export function grid(columns: readonly GridColumn[], rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(printable));
  const titles = columns.map((column) => printable(column.title));
  const widths = titles.map((title, i) => shown.reduce((width, row) => Math.max(width, displayWidth(row[i] ?? '')), displayWidth(title)));
  const line = (cells: readonly string[]) => cells
    .map((cell, i) => (columns[i]?.align === 'right' ? padStart(cell, widths[i] ?? 0) : padEnd(cell, widths[i] ?? 0)))
    .join('  ')
    .trimEnd();
  return [line(titles), widths.map((width) => '─'.repeat(width)).join('  '), ...shown.map(line), ''].join('\n');
}

/** A value could carry terminal escape sequences: they are printed as text. */
export function printable(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
