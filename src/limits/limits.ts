/**
 * Limits on what one account or organisation may hold or ask for, so that nobody uses up what all need. They are kept in memory
 * where they are about the moment (how many at once, how many a minute), and asked of the store where they are about what lasts.
 * Keys are accounts and organisations, which only an administrator creates: memory stays small.
 */
import { LIMIT_NAMES, type LimitName } from '#contract/limit.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Err, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { LimitRules } from '#src/config.ts';
import type { Metrics } from '#src/http/metrics.ts';
import { Buckets } from './bucket.ts';
import { SENTENCES } from './sentences.ts';

type Ending<Suffix extends string> = Extract<LimitName, `${string}${Suffix}`>;
type RateLimit = Ending<'PerMinute'>;
type AtOnceLimit = Ending<'AtOnce'>;
type CountLimit = Exclude<LimitName, RateLimit | AtOnceLimit>;

interface LimitParts {
  readonly rules: LimitRules;
  readonly clock: () => Date;
  readonly metrics: Metrics;
}

/** Whatever is under way has ended within seconds as a rule. */
const AT_ONCE_RETRY = 1;

export class Limits {
  readonly #rules: LimitRules;
  readonly #buckets: Readonly<Record<RateLimit, Buckets>>;
  readonly #underway = new Map<string, number>();
  readonly #refused: (of: { readonly limit: LimitName }) => void;

  constructor({ rules, clock, metrics }: LimitParts) {
    this.#rules = rules;
    const buckets = (name: RateLimit) => new Buckets(rules[name], () => clock().getTime());
    this.#buckets = {
      changesPerMinute: buckets('changesPerMinute'), denialsPerMinute: buckets('denialsPerMinute'), loginsPerMinute: buckets('loginsPerMinute'), checksPerMinute: buckets('checksPerMinute'),
    };
    this.#refused = metrics.counter('sluice_limit_refusals_total', 'Requests turned away because a limit on an account or organisation was reached.', { limit: LIMIT_NAMES });
  }

  /** Fails `limit/reached` where there are as many already. @param there how many, of the account or organisation @param retryAfter seconds */
  count(name: CountLimit, there: number, retryAfter?: number): Result<null, Failure> {
    return there < this.#rules[name] ? ok(null) : this.#reached(name, retryAfter ?? null);
  }

  /** Takes one of those of this minute. Fails `limit/reached`. */
  rate(name: RateLimit, key: string): Result<null, Failure> {
    const wait = this.#buckets[name].wait(key);
    if (wait > 0) return this.#reached(name, wait);
    this.#buckets[name].take(key);
    return ok(null);
  }

  /** Whether one is left, without taking it: for what is known to count only when it is over. Fails `limit/reached`. */
  left(name: RateLimit, key: string): Result<null, Failure> {
    const wait = this.#buckets[name].wait(key);
    return wait > 0 ? this.#reached(name, wait) : ok(null);
  }

  /** Takes what `left` found. */
  took(name: RateLimit, key: string): void {
    this.#buckets[name].take(key);
  }

  /** Fails `limit/reached` where as many are under way already. @returns to be called once, when it is over */
  enter(name: AtOnceLimit, key: string): Result<() => void, Failure> {
    const of = `${name} ${key}`;
    const underway = this.#underway.get(of) ?? 0;
    if (underway >= this.#rules[name]) return this.#reached(name, AT_ONCE_RETRY);
    this.#underway.set(of, underway + 1);
    return ok(() => {
      const left = (this.#underway.get(of) ?? 1) - 1;
      if (left === 0) this.#underway.delete(of);
      else this.#underway.set(of, left);
    });
  }

  /** Runs `work` as one of those at once. Fails `limit/reached`. */
  async atOnce<T>(name: AtOnceLimit, key: string, work: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
    const entered = this.enter(name, key);
    if (!entered.ok) return entered;
    try {
      return await work();
    } finally {
      entered.value();
    }
  }

  #reached(name: LimitName, retryAfter: number | null): Err<Failure> {
    this.#refused({ limit: name });
    const value = this.#rules[name];
    const { en, zh } = SENTENCES[name](value);
    const again = retryAfter === null ? text('', '') : text(` Try again in ${retryAfter} second${retryAfter === 1 ? '' : 's'}.`, `请在 ${retryAfter} 秒后重试。`);
    return fail('limit/reached', text(`${en}${again.en}`, `${zh}${again.zh}`), { limit: { name, value }, ...(retryAfter !== null && { retryAfter }) });
  }
}
