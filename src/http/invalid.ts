/** Schema violations in sentences: where, and what would be allowed, in both languages. */
import { z } from 'zod';
import { fail, type Failure, type FieldError } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text, type Language } from '#contract/text.ts';

const LOCALES = { en: z.locales.en().localeError, zh: z.locales.zhCN().localeError } satisfies Record<Language, unknown>;
const MAX_ERRORS = 20;

/** `where`: the part of the request, first step of every path (`body`, `query`, `path`). Fails `request/invalid`. */
export function parseAs<Schema extends z.ZodType>(schema: Schema, where: string, value: unknown): Result<z.output<Schema>, Failure> {
  const english = schema.safeParse(value, { error: LOCALES.en });
  if (english.success) return ok(english.data);
  const chinese = schema.safeParse(value, { error: LOCALES.zh });
  const zh = flatten(chinese.error?.issues ?? [], [where], 'zh');
  const errors: FieldError[] = flatten(english.error.issues, [where], 'en')
    .map(({ at, message }, i) => ({ at, message: text(message, zh[i]?.message ?? message) }))
    .slice(0, MAX_ERRORS);
  const first = errors[0];
  return fail('request/invalid', text(
    `The request does not fit its schema${first ? ` at ${first.at}: ${first.message.en}` : ''}.`,
    `请求不符合其模式${first ? `，位置 ${first.at}：${first.message.zh}` : ''}。`,
  ), { errors });
}

type Said = { readonly at: string; readonly message: string };

/** Of a union that nothing fits, the errors of the alternative that was meant: fewest foreign keys, then the one that got deepest. */
function flatten(issues: readonly z.core.$ZodIssue[], prefix: readonly PropertyKey[], language: Language): Said[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const closest = issue.errors.toSorted((a, b) => foreignKeys(a) - foreignKeys(b) || depth(b) - depth(a))[0] ?? [];
      if (closest.some((error) => error.path.length > 0)) return flatten(closest, path, language);
      const alternatives = new Set(issue.errors.flatMap((errors) => flatten(errors, path, language)).map(({ message }) => message));
      return [{ at: path.map(String).join('/'), message: [...alternatives].join(language === 'zh' ? '；或：' : '; or: ') }];
    }
    return [{ at: path.map(String).join('/'), message: inLanguage(issue.message, language) }];
  });
}

const foreignKeys = (issues: readonly z.core.$ZodIssue[]) => issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
const depth = (issues: readonly z.core.$ZodIssue[]) => Math.max(...issues.map((issue) => issue.path.length));

/** Messages written into a schema carry both languages as `bilingual()` joins them. */
function inLanguage(message: string, language: Language): string {
  const [en = message, zh = en] = message.split(' ｜ ');
  return language === 'zh' ? zh : en;
}
