/** Writes a CSV file line by line without holding it in memory. Fields are made here, so none needs quoting. */
import { closeSync, openSync, writeSync } from 'node:fs';

const FLUSH_AT = 1 << 18;

export class CsvWriter {
  readonly #file: number;
  #pending = '';
  rows = 0;

  constructor(path: string, header: readonly string[]) {
    this.#file = openSync(path, 'w');
    this.#pending = `${header.join(',')}\n`;
  }

  /** @param line the fields joined by commas, without the line end */
  row(line: string): void {
    this.#pending += `${line}\n`;
    this.rows++;
    if (this.#pending.length > FLUSH_AT) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending, 'utf8');
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    this.#pending = '';
  }
}
