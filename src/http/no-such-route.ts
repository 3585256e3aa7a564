/** A path that no route has is 404; one that has others is 405 and names their methods. */
import type { NotFoundHandler } from 'hono';
import { absent } from '#src/absent.ts';
import { fail } from '#contract/problem.ts';
import { text } from '#contract/text.ts';
import type { Env } from './api.ts';
import { problemResponse } from './problem.ts';
import type { Route } from './route.ts';

export function noSuchRoute(routes: readonly Route[]): NotFoundHandler<Env> {
  const patterns = routes.flatMap(({ method, path, recorded }) => {
    const methods = method === 'get' && recorded !== true ? ['GET', 'HEAD'] : [method.toUpperCase()];
    return methods.map((name) => ({ method: name, pattern: patternOf(path) }));
  });
  return (c) => {
    const methods = [...new Set(patterns.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method))];
    const failure = methods.length === 0 ? absent() : fail('request/method', text(
      `${c.req.method} is not possible here; ${methods.join(', ')} ${methods.length === 1 ? 'is' : 'are'}.`,
      `此处不支持 ${c.req.method}；支持 ${methods.join('、')}。`,
    ));
    c.set('problem', failure.error.code);
    const response = problemResponse(c, failure.error);
    if (methods.length > 0) response.headers.set('allow', methods.join(', '));
    return response;
  };
}

function patternOf(path: string): RegExp {
  const source = path.split(/(\{\w+\+?\})/).map((part) => {
    if (!part.startsWith('{')) return RegExp.escape(part);
    return part.endsWith('+}') ? '.+' : '[^/]+';
  });
  return new RegExp(`^${source.join('')}$`);
}
