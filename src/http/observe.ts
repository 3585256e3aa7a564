/** One log line and one measurement for each request: method, route pattern, status, time, account. Nothing of its content. */
import type { MiddlewareHandler } from 'hono';
import type { Log } from '#src/log.ts';
import type { Env } from './api.ts';
import type { Metrics } from './metrics.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'other'] as const;
const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export type ObserveParts = { readonly log: Log; readonly metrics: Metrics; readonly elapsed: () => number };

export function observe({ log, metrics, elapsed }: ObserveParts): MiddlewareHandler<Env> {
  const requests = metrics.counter('sluice_http_requests_total', 'Requests answered.', { method: METHODS, status: CLASSES });
  const duration = metrics.histogram('sluice_http_request_seconds', 'Time to answer.', { method: METHODS }, SECONDS);
  return async (c, next) => {
    const start = elapsed();
    await next();
    const millis = Math.round((elapsed() - start) * 10) / 10;
    const method = METHODS.find((name) => name === c.req.method) ?? 'other';
    const { status } = c.res;
    requests({ method, status: CLASSES[Math.floor(status / 100) - 1] ?? '5xx' });
    duration({ method }, millis / 1000);
    log(status >= 500 ? 'error' : 'info', 'request', {
      method, route: c.get('route') ?? null, status, millis, account: c.get('principal')?.account ?? null, problem: c.get('problem') ?? null,
    });
  };
}
