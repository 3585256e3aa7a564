/** What the demonstration prints: chapters, steps with their time, tables indented below them. */
import type { Language, Text } from '#contract/text.ts';
import { text } from '#contract/text.ts';

const INDENT = '    ';
const TICK_MS = 700;
/** A step that is shorter is not worth a time. */
const SHORT_MS = 50;

export class Terminal {
  readonly language: Language;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  #chapter = 0;

  constructor(language: Language, write: (text: string) => void, now: () => number) {
    this.language = language;
    this.#write = write;
    this.#now = now;
  }

  chapter(title: Text): void {
    this.#write(`\n${++this.#chapter}  ${title[this.language]}\n\n`);
  }

  say(sentence: Text): void {
    this.#write(`${INDENT}${sentence[this.language]}\n`);
  }

  /** A block as it is, indented. */
  show(block: string): void {
    this.#write(`${block.trimEnd().split('\n').map((line) => `${INDENT}${line}`.trimEnd()).join('\n')}\n`);
  }

  space(): void {
    this.#write('\n');
  }

  /** Names the work, ticks while it lasts, and says how long it took. `work` may return a remark for the end of the line. */
  async step<T>(label: Text, work: () => Promise<T>, remark: (value: T) => Text = () => text('', '')): Promise<T> {
    this.#write(`  ▸ ${label[this.language]} `);
    const start = this.#now();
    const ticks = setInterval(() => this.#write('.'), TICK_MS);
    try {
      const value = await work();
      const millis = this.#now() - start;
      const said = [remark(value)[this.language], millis < SHORT_MS ? '' : `(${(millis / 1000).toFixed(1)} s)`].filter((part) => part !== '');
      this.#write(` ${said.join(' ')}`.trimEnd() + '\n');
      return value;
    } catch (error) {
      this.#write(' ✗\n');
      throw error;
    } finally {
      clearInterval(ticks);
    }
  }
}
