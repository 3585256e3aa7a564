/** An answer that nobody takes is given up: it is memory, and one of the account's requests. */
import type { ServerResponse } from 'node:http';
import type { MiddlewareHandler } from 'hono';
import type { Env } from './api.ts';

/** @param milliseconds without a byte going out */
export function giveUpStalled(milliseconds: number): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const { outgoing } = (c.env ?? {}) as { readonly outgoing?: ServerResponse };
    // From here on: while a handler works, nothing goes out either.
    outgoing?.setTimeout(milliseconds, () => outgoing.destroy());
  };
}
