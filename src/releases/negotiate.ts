/** Which format of a result a request asks for (RFC 9110, 12.5.1). */
import { RESULT_MEDIA } from '#contract/api/jobs.ts';
import type { DownloadFormat } from '#contract/event/jobs.ts';

const FORMATS = Object.entries(RESULT_MEDIA) as readonly (readonly [DownloadFormat, string])[];

interface Range { readonly type: string; readonly quality: number }

/** The format with the highest quality, JSON first among equals; null where none is acceptable. No header accepts anything. */
export function formatAccepted(header: string | null): DownloadFormat | null {
  if (header === null || header.trim() === '') return 'json';
  const ranges = header.split(',').map(readRange);
  const ranked = FORMATS
    .map(([format, type]) => ({ format, quality: qualityOf(type, ranges) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return ranked[0]?.format ?? null;
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = q === undefined ? 1 : Number(q);
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** Of the most specific range that covers the type. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const group = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const wanted of [type, group, '*/*']) {
    const range = ranges.find((one) => one.type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
