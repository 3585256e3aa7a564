/**
 * Every refusal of the gate, by code: what is wrong and, where the language itself decides, what is allowed instead.
 * `{name}` stands for a detail of the operator's own query or of public documents, never for data.
 */
import type { Refusal } from '#contract/refusal.ts';
import { text, type Text } from '#contract/text.ts';
import { CODES, type RefusalCode } from './codes.ts';

export interface Where {
  readonly clause?: string | null;
  readonly suggestion?: Text | null;
}

export type Details = Readonly<Record<string, string | number>>;

export function refusal(code: RefusalCode, position: number | null, details: Details, where: Where = {}): Refusal {
  const { en, zh, instead }: { en: string; zh: string; instead?: Text } = CODES[code];
  const fixed = instead === undefined ? null : text(fill(instead.en, details), fill(instead.zh, details));
  return {
    code,
    message: text(fill(en, details), fill(zh, details)),
    position,
    clause: where.clause ?? null,
    suggestion: where.suggestion ?? fixed,
  };
}

function fill(template: string, details: Details): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = details[name];
    if (value === undefined) throw new Error(`a refusal lacks its detail ${name}`);
    // The name under which the parser knows it.
    return value === 'count_star' ? 'count(*)' : String(value).slice(0, 120);
  });
}

/** More problems than this are not told: nobody reads them, and a long answer is work too. */
const MOST = 100;

/** Collects the problems of a query, each once. */
export class Refusals {
  readonly #all = new Map<string, Refusal>();
  #count = 0;

  add(code: RefusalCode, position: number | null, details: Details, where: Where = {}): void {
    this.#count++;
    if (this.#all.size < MOST) this.push(refusal(code, position, details, where));
  }

  /** A refusal of the release, whose rules the plan asks for. */
  push(problem: Refusal): void {
    this.#all.set(`${problem.code} ${problem.position} ${problem.message.en}`, problem);
  }

  /** In the order of the text; what concerns the whole query comes first. */
  get all(): readonly Refusal[] {
    return [...this.#all.values()].toSorted((a, b) => (a.position ?? -1) - (b.position ?? -1));
  }

  /** How often something was refused. */
  get count(): number {
    return this.#count;
  }

  get none(): boolean {
    return this.#all.size === 0;
  }
}
