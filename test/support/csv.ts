/** A plain reader of RFC 4180 files, for tests that look at data files themselves. */
import { readFileSync } from 'node:fs';

/** Rows as objects by header name. Quoted fields may hold delimiters and doubled quotes, not line ends. */
export function readCsv(path: string | URL, delimiter = ','): { readonly header: readonly string[]; readonly rows: readonly Readonly<Record<string, string>>[] } {
  const [first = '', ...lines] = readFileSync(path, 'utf8').split(/\r?\n/);
  const header = fields(first, delimiter);
  const rows = lines.filter((line) => line !== '').map((line) => {
    const values = fields(line, delimiter);
    if (values.length !== header.length) throw new Error(`${String(path)}: ${values.length} fields where the header has ${header.length}`);
    return Object.fromEntries(header.map((name, i) => [name, values[i] as string]));
  });
  return { header, rows };
}

function fields(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter);
  const values: string[] = [];
  let value = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (quoted && c === '"' && line.charAt(i + 1) === '"') value += line.charAt(i++);
    else if (c === '"') quoted = !quoted;
    else if (c === delimiter && !quoted) { values.push(value); value = ''; }
    else value += c;
  }
  return [...values, value];
}
