/** Tables in the form of the ONS: what a file has to be, and what is said of it. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { canonical, digestOf } from '#contract/canonical.ts';
import { statedNoise } from '#contract/noise-size.ts';
import { fixedLines, MAX_ONS_LENGTH, ONS_KEYS, OnsTable, onsLines, onsSize, packOns, readOnsCsv, unpackOns, writeOnsCsv, type OnsNoise } from '#contract/ons-table.ts';
import { evenly, tableCsv } from '../support/perturbation.ts';

const read = (csv: string): OnsNoise => {
  const table = readOnsCsv(csv);
  if (!table.ok) throw new Error(JSON.stringify(table.error));
  return table.value;
};
const problems = (csv: string) => {
  const table = readOnsCsv(csv);
  return table.ok ? [] : table.error.map(({ line, message: { en } }) => `${line ?? '-'}: ${en}`);
};
const own = tableCsv(evenly);
const ons = gunzipSync(readFileSync('policies/perturbation/ons-10-5.csv.gz')).toString('utf8');
const replaceLine = (line: number, by: string, csv = own) => csv.split('\n').map((one, i) => (i === line - 1 ? by : one)).join('\n');

describe('a file that is a table', () => {
  test('is read in any order of lines, with any line ends, with and without quotes around the header, and written in order', () => {
    const [header = '', ...lines] = own.trimEnd().split('\n');
    const noise = read(own);
    for (const same of [`\uFEFF"pcv","ckey","pvalue"\r\n${lines.toReversed().join('\r\n')}`, `${header}\n\n${lines.map((line) => ` ${line} `).join('\n')}\n\n`]) expect(read(same)).toEqual(noise);
    expect(writeOnsCsv(noise)).toBe(own);
    for (const [pcv, key] of [[1, 0], [2, 17], [750, 255], [7, 128]] as const) expect(noise[(pcv - 1) * ONS_KEYS + key]).toBe(evenly(pcv, key));
  });

  test('is kept as a document with one form, whose digest is its name', () => {
    const document = packOns(read(own));
    expect(OnsTable.parse(JSON.parse(canonical(document)))).toEqual(document);
    const unpacked = unpackOns(document);
    expect(unpacked.ok && writeOnsCsv(unpacked.value)).toBe(own);
    expect(digestOf(packOns(read(own.replaceAll('\n', '\r\n'))))).toBe(digestOf(document));
    expect(digestOf(packOns(read(replaceLine(5000, '20,134,2'))))).not.toBe(digestOf(document));
  });
});

describe('how large its noise is', () => {
  test('by enumeration of every key', () => {
    const noise = read(own);
    const square = (values: readonly number[]) => values.reduce((sum, v) => sum + v * v, 0) / ONS_KEYS;
    const of = (pcv: number) => Array.from({ length: ONS_KEYS }, (_, key) => evenly(pcv, key));
    expect(onsSize(noise)).toEqual({ from: 1, variance: square(of(750)), maxDeviation: 3, bias: 0, below: null });
    expect(statedNoise(onsSize(noise))).toEqual({ from: 1, variance: String(Number(square(of(750)).toPrecision(5))), maxDeviation: 3, below: null });
    expect(onsLines(noise)[0]).toEqual({ pcv: 1, mean: 0, variance: square(of(1)), maxDeviation: 1 });
    expect(fixedLines(noise)).toBe(0);
  });

  test('a table that rounds: its bias is said, and that it is the same for every key', () => {
    const noise = read(ons);
    expect(statedNoise(onsSize(noise))).toEqual({ from: 10, variance: '2', maxDeviation: 2, bias: '2', below: { variance: '81', maxDeviation: 9, bias: '9' } });
    expect(fixedLines(noise)).toBe(750);
    expect(onsLines(noise)[8]).toEqual({ pcv: 9, mean: -9, variance: 0, maxDeviation: 9 });
  });

  test('of small counts another', () => {
    const noise = read(tableCsv((pcv, key) => (pcv === 6 ? [-6, 6][key % 2]! : evenly(pcv, key))));
    expect(statedNoise(onsSize(noise))).toMatchObject({ from: 7, maxDeviation: 3, below: { variance: '36', maxDeviation: 6 } });
  });
});

describe('a file that is none is refused, with the line and what would be allowed', () => {
  test.each<[string, string, RegExp]>([
    ['nothing', '', /^1: The header must be pcv,ckey,pvalue/],
    ['another header', 'pcv,key,pvalue\n1,0,0', /^1: The header/],
    ['columns in another order', 'ckey,pcv,pvalue\n0,1,0', /^1: The header/],
    ['no number', replaceLine(2, '1,0,x'), /^2: is not three whole numbers/],
    ['a fraction', replaceLine(7, '1,5,0.5'), /^7: is not three whole numbers/],
    ['a fourth column', replaceLine(7, '1,5,0,0'), /^7: is not three whole numbers/],
    ['a number of many digits', replaceLine(7, `1,5,${'9'.repeat(30)}`), /^7: is not three whole numbers/],
    ['a formula', replaceLine(7, '=1+1,5,0'), /^7: is not three/],
    ['NUL', replaceLine(7, '1,5,\u00000'), /^7: is not three/],
    ['one line of a megabyte', `pcv,ckey,pvalue\n${'1,0,0;'.repeat(200_000)}`, /^2: is not three/],
    ['a line that begins well and does not end', replaceLine(2, `1,0,0${' '.repeat(100)}x`), /^2: is not three/],
    ['empty cells', replaceLine(2, '0,0,0'), /^2: pcv 0: an empty cell has no noise/],
    ['a pcv beyond the last', replaceLine(2, '751,0,0'), /^2: pcv must be 1 to 750/],
    ['a key beyond the last', replaceLine(2, '1,256,0'), /^2: ckey must be 0 to 255/],
    ['a negative count', replaceLine(2, '1,0,-2'), /^2: pvalue -2 would make a count of 1 negative; at least -1/],
    ['a deviation beyond the bound', replaceLine(192_001, '750,255,51'), /^192001: pvalue 51 is beyond the largest deviation allowed, 50/],
    ['a combination twice', `${own}3,3,0\n`, /^192002: pcv 3 with ckey 3 was given already/],
    ['lines missing', own.split('\n').filter((_, i) => i !== 300 && i !== 4000).join('\n'), /^-: Of the 192000 .* 2 are missing; the first is pcv 2, ckey 43\.$/],
    ['the header alone', 'pcv,ckey,pvalue\n', /192000 are missing; the first is pcv 1, ckey 0/],
    ['longer than any table', 'x'.repeat(MAX_ONS_LENGTH + 1), /^-: The file has more than 4000000 characters/],
    ['no noise at all', tableCsv(() => 0), /^-: Counts of 1 to 10 have as good as no noise: its mean square is 0 and must be at least 0\.001/],
    ['no noise on large counts', tableCsv((pcv, key) => (pcv > 500 ? 0 : evenly(pcv, key))), /^-: Counts of 501 to 750 have as good as no noise/],
    ['no noise on small counts', tableCsv((pcv, key) => (pcv <= 10 ? 0 : evenly(pcv, key))), /^-: Counts of 1 to 10 have as good as no noise/],
  ])('%s', (_, csv, said) => {
    const [first, ...others] = problems(csv);
    expect(first).toMatch(said);
    // What is in the file is not quoted at length, and nobody reads more than twenty.
    expect(others.length).toBeLessThan(20);
    expect(Math.max(...[first!, ...others].map((one) => one.length))).toBeLessThan(300);
  });

  test('both languages are said, each mistake with its own line', () => {
    const wrong = readOnsCsv(replaceLine(9, '1,7,-9', replaceLine(4, 'a')));
    expect(wrong.ok ? [] : wrong.error.map(({ line, message: { zh } }) => [line, zh])).toEqual([[4, expect.stringContaining('不是以逗号分隔的三个整数')], [9, expect.stringContaining('不得小于 -1')]]);
  });

  test('a document that did not come through a file is held to the same rules', () => {
    for (const change of [(noise: OnsNoise) => { noise[0] = -2; }, (noise: OnsNoise) => { noise[191_999] = 51; }, (noise: OnsNoise) => noise.fill(0)]) {
      const noise = read(own);
      change(noise);
      expect(unpackOns(packOns(noise)).ok).toBe(false);
    }
  });

  test('within a time that holds nobody up', () => {
    const began = performance.now();
    for (const csv of [own, ',\n'.repeat(2_000_000), '\n'.repeat(4_000_000), '1,0,0\n'.repeat(600_000)]) readOnsCsv(csv.startsWith('pcv') ? csv : `pcv,ckey,pvalue\n${csv}`.slice(0, MAX_ONS_LENGTH));
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
