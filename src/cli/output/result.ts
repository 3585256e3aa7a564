/** A released table with its statement, as people read it. */
import type { Statement } from '#contract/statement.ts';
import type { ResultTable, Value } from '#contract/table.ts';
import { text, type Language, type Text } from '#contract/text.ts';
import { grid } from './grid.ts';

/** Stands for a withheld value; an ordinary NULL is shown as an empty field. */
export const WITHHELD_MARK = '·';

const LEGEND = text(`${WITHHELD_MARK} = withheld under the release policy`, `${WITHHELD_MARK} = 依发布策略不予公开`);
const NUMERIC = /INT$|^(INTEGER|FLOAT|DOUBLE|DECIMAL)/;

export function showTable(table: ResultTable, language: Language): string {
  const withheld = new Set(table.withheld.map(([row, column]) => `${row},${column}`));
  const rows = table.rows.map((row, r) => row.map((value, c) => (withheld.has(`${r},${c}`) ? WITHHELD_MARK : showValue(value))));
  const shown = grid(
    table.columns.map(({ name, type }) => ({ title: name, align: NUMERIC.test(type) ? 'right' : 'left' })),
    rows,
  );
  const count = text(`${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`, `${rows.length} 行`)[language];
  return `${shown}${count}${withheld.size > 0 ? `; ${LEGEND[language]}` : ''}\n`;
}

function showValue(value: Value): string {
  return value === null ? '' : String(value);
}

export function showStatement(statement: Statement, language: Language): string {
  const lines = [
    ...statement.sentences.map((sentence) => sentence[language]),
    ...statement.rules.map((rule) => `  - ${rule.text[language]} [${rule.clause}]`),
    ...statement.help.map((help) => `  → ${help[language]}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Every text of a document in one language: what `--json` prints. */
export function inLanguage(document: unknown, language: Language): unknown {
  if (Array.isArray(document)) return document.map((item) => inLanguage(item, language));
  if (typeof document !== 'object' || document === null) return document;
  if (isText(document)) return document[language];
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, inLanguage(value, language)]));
}

function isText(document: object): document is Text {
  return Object.keys(document).length === 2 && 'en' in document && 'zh' in document;
}
