/** Commands that show one page of a listing, and documents shown as `field: value` lines. */
import type { z } from 'zod';
import { pageOf } from '#contract/api/common.ts';
import { ok } from '#contract/result.ts';
import { text, type Language, type Text } from '#contract/text.ts';
import { call } from './client.ts';
import { command, type Command, type OptionTable } from './command.ts';
import type { Session } from './io.ts';
import { STATUS, type Outcome } from './outcome.ts';
import { grid, printable, type GridColumn } from './output/grid.ts';
import { displayWidth, padEnd } from './output/width.ts';

export interface ListColumn<Item> extends Omit<GridColumn, 'title'> {
  readonly title: Text;
  readonly show: (item: Item, language: Language) => string | number | null;
}

export const PAGE_OPTIONS = {
  limit: { type: 'value', value: 'N', help: text('at most so many (default 50, at most 200)', '最多条数（默认 50，最多 200）') },
  cursor: { type: 'value', value: 'TEXT', help: text('continue after the page that gave this cursor', '从给出该游标的那一页之后继续') },
} as const satisfies OptionTable;

/** `filters`: further query parameters, each an option of the same name. `id`: what the listing belongs to, named on the command line. */
export function listCommand<Item extends z.ZodType>(definition: {
  readonly name: string;
  readonly summary: Text;
  readonly id?: string;
  readonly path: string | ((id: string) => string);
  readonly item: Item;
  readonly filters?: OptionTable;
  readonly columns: readonly ListColumn<z.output<Item>>[];
  readonly examples?: readonly string[];
}): Command {
  const { name, summary, path, item, filters = {}, columns } = definition;
  return command({
    name,
    summary,
    ...(definition.id === undefined ? {} : { positionals: [{ name: definition.id }] }),
    options: { ...filters, ...PAGE_OPTIONS } as OptionTable,
    examples: definition.examples ?? [name, `${name} --limit 10 --json`],
    run: async (session, options, [id = '']): Promise<Outcome> => {
      const query: Record<string, string> = {};
      for (const [key, value] of Object.entries(options)) if (typeof value === 'string') query[key] = value;
      const page = await call(session, 'GET', typeof path === 'string' ? path : path(id), pageOf(item), { query });
      if (!page.ok) return page;
      if (session.json) session.out(`${JSON.stringify(page.value)}\n`);
      else showPage(session, columns, page.value);
      return ok(STATUS.done);
    },
  });
}

function showPage<Item>(session: Session, columns: readonly ListColumn<Item>[], page: { readonly items: readonly Item[]; readonly next: string | null }): void {
  const { language } = session;
  if (page.items.length === 0) session.err(`${text('Nothing to show.', '没有内容。')[language]}\n`);
  else {
    session.out(grid(
      columns.map(({ title, align }) => ({ title: title[language], align: align ?? 'left' })),
      page.items.map((item) => columns.map(({ show }) => String(show(item, language) ?? ''))),
    ));
  }
  if (page.next !== null) session.err(`${text(`More: --cursor ${page.next}`, `后续内容：--cursor ${page.next}`)[language]}\n`);
}

/** Prints what came back: the JSON itself for programs, its fields for people. */
export function showDocument(session: Session, document: Readonly<Record<string, unknown>>): void {
  if (session.json) session.out(`${JSON.stringify(document)}\n`);
  else session.out(fields(document, session.language));
}

export function fields(document: Readonly<Record<string, unknown>>, language: Language): string {
  const rows = Object.entries(document).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...rows.map(([name]) => displayWidth(name)));
  return rows.map(([name, value]) => `${padEnd(name, width)}  ${shownValue(value, language)}\n`).join('');
}

function shownValue(value: unknown, language: Language): string {
  if (value === null) return '—';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return printable(value.join(', '));
  if (typeof value !== 'object') return printable(String(value));
  if ('en' in value && 'zh' in value) return printable(String(value[language]));
  return JSON.stringify(value);
}
