/** Request bodies: limited, strictly UTF-8, strictly JSON. */
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';

/**
 * The body's bytes, read up to `limit`; the rest of a longer body, or of one that is not there in time, is never read.
 * Fails `request/too-large`, `request/timeout`, `request/incomplete`.
 * @param milliseconds until all of it has to be there
 */
export async function readBytes(request: Request, limit: number, milliseconds: number): Promise<Result<Uint8Array, Failure>> {
  const tooLarge = fail('request/too-large', text(
    `The body is longer than the ${limit} bytes that this route takes.`,
    `请求体超过此接口允许的 ${limit} 字节。`,
  ));
  if (Number(request.headers.get('content-length') ?? 0) > limit) return tooLarge;
  if (request.body === null) return ok(new Uint8Array());
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => { timer = setTimeout(() => resolve('late'), milliseconds); });
  try {
    for (;;) {
      const piece = await Promise.race([reader.read(), late]);
      if (piece === 'late') return fail('request/timeout', text(`The body was not there after ${milliseconds / 1000} seconds.`, `请求体在 ${milliseconds / 1000} 秒内未送达。`));
      if (piece.done) return ok(Buffer.concat(chunks, length));
      length += piece.value.byteLength;
      if (length > limit) return tooLarge;
      chunks.push(piece.value);
    }
  } catch {
    // Nobody is there any more to read this.
    return fail('request/incomplete', text('The connection ended before the body was complete.', '连接在请求体送达完整之前中断。'));
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

/** Fails `request/media-type` where the bytes are packed: nothing is unpacked here, so that nothing small becomes large. */
export function isPlain(contentEncoding: string | undefined): Result<null, Failure> {
  if (contentEncoding === undefined || contentEncoding.trim().toLowerCase() === 'identity') return ok(null);
  return fail('request/media-type', text('A body is taken as it is, without Content-Encoding.', '请求体须为原文，不得使用 Content-Encoding。'));
}

/** Fails `request/media-type`, `request/bad-utf8` (also for escapes of half a character), `request/malformed-json`. */
export function readJson(mediaType: string | null, bytes: Uint8Array): Result<unknown, Failure> {
  if (mediaTypeOf(mediaType) !== 'application/json') {
    return fail('request/media-type', text(
      'This route takes a body of the media type application/json; say so in Content-Type.',
      '此接口接受 application/json 请求体；请在 Content-Type 中声明。',
    ));
  }
  let source: string;
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const at = firstBadByte(bytes);
    return fail('request/bad-utf8', text(
      `The body must be UTF-8; the bytes from offset ${at} on are not.`,
      `请求体必须为 UTF-8 编码；自字节偏移 ${at} 起不是。`,
    ));
  }
  try {
    const value: unknown = JSON.parse(source);
    if (!/\\u[dD][89a-fA-F]/.test(source) || isWellFormed(value)) return ok(value);
    return fail('request/bad-utf8', text(
      'The body escapes half of a surrogate pair (\\ud800 … \\udfff alone), which is no character.',
      '请求体中含有单独的代理项转义（\\ud800 … \\udfff），不是有效字符。',
    ));
  } catch (error) {
    const position = jsonErrorPosition(error, source);
    const [line, column] = lineAndColumn(source, position);
    return fail('request/malformed-json', text(
      `The body is not JSON: it stops making sense at line ${line}, column ${column}.`,
      `请求体不是合法的 JSON：自第 ${line} 行第 ${column} 列起无法解析。`,
    ));
  }
}

/** Every text in it, keys too, is made of whole characters. */
function isWellFormed(value: unknown): boolean {
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string' && !next.isWellFormed()) return false;
    if (typeof next === 'object' && next !== null) {
      for (const [key, member] of Object.entries(next)) waiting.push(key, member);
    }
  }
  return true;
}

export const mediaTypeOf = (header: string | null): string => (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** V8 names the position in its message where it knows it; an early end has none and means the end of the text. */
function jsonErrorPosition(error: unknown, source: string): number {
  const stated = error instanceof SyntaxError ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return stated === undefined ? source.length : Number(stated);
}

function lineAndColumn(source: string, position: number): [number, number] {
  const before = source.slice(0, position).split('\n');
  return [before.length, [...(before.at(-1) ?? '')].length + 1];
}

/** Offset of the first byte that no valid UTF-8 text has there: the decoder replaces it by U+FFFD. */
function firstBadByte(bytes: Uint8Array): number {
  const [good = ''] = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\uFFFD');
  return Buffer.byteLength(good, 'utf8');
}
