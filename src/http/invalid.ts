/** Schema violations in sentences: where, and what would be allowed, in both languages. */
import { z } from 'zod';
import { fail, type Failure, type FieldError } from '#contract/problem.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { text, type Language } from '#contract/text.ts';

const LOCALES = { en: z.locales.en().localeError, zh: z.locales.zhCN().localeError } satisfies Record<Language, z.core.$ZodErrorMap>;
const MAX_ERRORS = 20;
const MAX_RAISED = 2000;
/** More than a document without a mistake raises in the megabyte that a body has: see `within`. */
const MAX_UNSAID = 100_000;
/** Characters of a place or a message: both may quote what was sent, which may be long. */
const MAX_SAID = 300;
/** Begins a message that stands for an issue until its words are needed. */
const ISSUE = '\u0000';

/** `where`: the part of the request, first step of every path (`body`, `query`, `path`). Fails `request/invalid`. */
export function parseAs<Schema extends z.ZodType>(schema: Schema, where: string, value: unknown): Result<z.output<Schema>, Failure> {
  const raised: z.core.$ZodRawIssue[] = [];
  const parsed = within(schema, value, raised);
  if (parsed === 'too many') {
    return fail('request/invalid', text(
      `The request does not fit its schema in more than ${MAX_RAISED} places. Is it the document that belongs here?`,
      `请求有 ${MAX_RAISED} 处以上不符合其模式。请确认所发送的文档是否正确。`,
    ));
  }
  if (parsed.ok) return parsed;
  const errors = first(MAX_ERRORS, flatten(parsed.error, [where]))
    .map(({ path, messages }): FieldError => ({ at: shortened(path.map(String).join('/')), message: text(words(messages, raised, 'en'), words(messages, raised, 'zh')) }));
  const [error] = errors;
  return fail('request/invalid', text(
    `The request does not fit its schema${error ? ` at ${error.at}: ${error.message.en}` : ''}.`,
    `请求不符合其模式${error ? `，位置 ${error.at}：${error.message.zh}` : ''}。`,
  ), { errors });
}

class TooMany extends Error {}

/** `too many`: it raises more issues than anybody reads, and to put each into words would hold up everybody else. */
function within<Schema extends z.ZodType>(schema: Schema, value: unknown, raised: z.core.$ZodRawIssue[]): Result<z.output<Schema>, readonly z.core.$ZodIssue[]> | 'too many' {
  const error = (issue: z.core.$ZodRawIssue): string => {
    countedTo(MAX_RAISED, raised.length + 1);
    return `${ISSUE}${raised.push(issue) - 1}`;
  };
  const parsed = unlessTooMany(() => schema.safeParse(value, { error }));
  if (parsed === 'too many') {
    // Alternatives of a union that do not fit raise issues too, in a long document that has no mistake: here they are only counted.
    let unsaid = 0;
    const again = unlessTooMany(() => schema.safeParse(value, { error: () => countedTo(MAX_UNSAID, ++unsaid) }));
    return again !== 'too many' && again.success ? ok(again.data) : 'too many';
  }
  if (parsed.success) return ok(parsed.data);
  // The issues are made when they are first looked at.
  const issues = unlessTooMany(() => parsed.error.issues);
  return issues === 'too many' ? issues : err(issues);
}

function countedTo(most: number, count: number): string {
  if (count > most) throw new TooMany();
  return '';
}

function unlessTooMany<T>(run: () => T): T | 'too many' {
  try {
    return run();
  } catch (error) {
    if (error instanceof TooMany) return 'too many';
    throw error;
  }
}

/** `messages`: one, or those of the alternatives of a union. */
type Said = { readonly path: readonly PropertyKey[]; readonly messages: readonly string[] };

/** Of a union that nothing fits, the errors of the alternative that was meant: fewest foreign keys, then the one that got deepest. */
function* flatten(issues: Iterable<z.core.$ZodIssue>, prefix: readonly PropertyKey[]): Generator<Said> {
  for (const issue of issues) {
    const path = [...prefix, ...issue.path];
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
      yield { path, messages: [issue.message] };
      continue;
    }
    const closest = issue.errors.toSorted((a, b) => foreignKeys(a) - foreignKeys(b) || depth(b) - depth(a))[0] ?? [];
    if (closest.some((error) => error.path.length > 0)) yield* flatten(closest, path);
    else yield { path, messages: issue.errors.flatMap((errors) => first(MAX_ERRORS, flatten(errors, path)).flatMap(({ messages }) => messages)) };
  }
}

function first<T>(count: number, of: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const one of of) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}

const foreignKeys = (issues: readonly z.core.$ZodIssue[]) => issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
const depth = (issues: readonly z.core.$ZodIssue[]) => issues.reduce((most, issue) => Math.max(most, issue.path.length), 0);

function words(messages: readonly string[], raised: readonly z.core.$ZodRawIssue[], language: Language): string {
  return shortened([...new Set(messages.map((message) => wordsOf(message, raised, language)))].join(language === 'zh' ? '；或：' : '; or: '));
}

/** Messages written into a schema carry both languages as `bilingual()` joins them. */
function wordsOf(message: string, raised: readonly z.core.$ZodRawIssue[], language: Language): string {
  const issue = message.startsWith(ISSUE) ? raised[Number(message.slice(ISSUE.length))] : undefined;
  if (issue !== undefined) {
    const said = LOCALES[language](bounded(issue));
    return (typeof said === 'string' ? said : said?.message) ?? '';
  }
  const [en = message, zh = en] = message.split(' ｜ ');
  return language === 'zh' ? zh : en;
}

/** Foreign keys may be as many and as long as the body. */
function bounded(issue: z.core.$ZodRawIssue): z.core.$ZodRawIssue {
  return issue.code === 'unrecognized_keys' ? { ...issue, keys: issue.keys.slice(0, MAX_ERRORS).map((key) => shortened(key)) } : issue;
}

/** Whole characters only. */
const shortened = (said: string): string => (said.length <= MAX_SAID ? said : `${said.slice(0, MAX_SAID).replace(/[\ud800-\udbff]$/, '')}…`);
