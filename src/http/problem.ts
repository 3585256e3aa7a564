/** Failures become RFC 9457 problems here and nowhere else. */
import type { Context } from 'hono';
import { PROBLEM_TYPE_BASE, PROBLEMS, type Failure, type Problem } from '#contract/problem.ts';
import type { Language } from '#contract/text.ts';

/** `?lang=`, then the better of `zh` and `en` in Accept-Language, then English. */
export function languageOf(c: Context): Language {
  const asked = c.req.query('lang');
  if (asked === 'en' || asked === 'zh') return asked;
  return languageAccepted(c.req.header('accept-language') ?? '');
}

export function languageAccepted(header: string): Language {
  let best: Language = 'en';
  let weight = 0;
  for (const range of header.split(',')) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';').map((part) => part.trim());
    const language = tag === 'zh' || tag.startsWith('zh-') ? 'zh' : tag === 'en' || tag.startsWith('en-') ? 'en' : null;
    const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (language !== null && q > weight) [best, weight] = [language, q];
  }
  return best;
}

export function problemOf(failure: Failure, language: Language, instance: string): Problem {
  const { status, title } = PROBLEMS[failure.code];
  return {
    type: PROBLEM_TYPE_BASE + failure.code,
    title: title[language],
    status,
    detail: failure.detail[language],
    instance,
    code: failure.code,
    ...(failure.refusals && {
      refusals: failure.refusals.map((refusal) => ({
        code: refusal.code,
        message: refusal.message[language],
        position: refusal.position,
        clause: refusal.clause,
        suggestion: refusal.suggestion?.[language] ?? null,
      })),
    }),
    ...(failure.errors && { errors: failure.errors.map(({ at, message }) => ({ at, message: message[language] })) }),
    ...(failure.retryAfter !== undefined && { retryAfter: failure.retryAfter }),
    ...(failure.incident !== undefined && { incident: failure.incident }),
    ...(failure.entry !== undefined && { entry: failure.entry }),
    ...(failure.limit && { limit: failure.limit }),
  };
}

export function problemResponse(c: Context, failure: Failure): Response {
  const language = languageOf(c);
  const problem = problemOf(failure, language, c.req.path);
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'content-language': language,
    'cache-control': 'no-store',
  };
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer realm="sluice"';
  if (problem.retryAfter !== undefined) headers['retry-after'] = String(problem.retryAfter);
  return c.body(JSON.stringify(problem), problem.status as 400, headers);
}
